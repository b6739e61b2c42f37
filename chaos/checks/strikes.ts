/** Whether it was as bad as it was meant to be: a storm that did not come shows nothing. */
import type { Crew } from '../crew.ts'
import type { Flown } from '../flown.ts'
import type { Plan } from '../plan.ts'
import type { Finding } from './finding.ts'

export function checkStrikes({ storm, serverHits }: Plan, crew: Crew, flown: readonly Flown[]): Finding[] {
  const serversHit = flown.reduce((sum, run) => sum + run.serversHit, 0)
  const counted = [
    ['processes are killed', storm.kills, crew.kills],
    ['processes are stopped', storm.pauses, crew.pauses.length],
    ['servers are ended', serverHits.length, serversHit],
  ] as const
  const short = counted
    .filter(([, wanted, made]) => made < wanted)
    .map(([check, wanted, made]) => ({ check, expected: `at least ${wanted}`, seen: `${made}` }))
  const own = flown
    .filter(({ report }) => report !== undefined && report.logs !== null)
    .map(({ run }) => ({
      check: 'a run brings no peers of its own, which nobody would kill',
      expected: 'none',
      seen: `${run} started some`,
    }))
  const lost = crew.losses.map(({ name, end }) => ({
    check: 'a process ends only when it is killed',
    expected: 'no other end',
    seen: `${name} ended with ${end}: see its log`,
  }))
  return [...short, ...own, ...lost]
}
