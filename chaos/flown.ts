/** A run under fire, from its start until nothing of it is under way. */
import type { RunId } from '../protocols/ids.ts'
import type { SeededRandom } from '../src/time/random.ts'
import type { Crew } from './crew.ts'
import { type JobEnd, type JobOptions, startJob } from './job.ts'
import { type Journal, settledJournal } from './journal.ts'
import type { Net } from './net.ts'
import type { ServerHit } from './plan.ts'
import type { Stage } from './stage.ts'
import { type Storm, storm } from './storm.ts'

export type Flown = JobEnd & {
  readonly run: RunId
  readonly journal: Journal
  readonly seconds: number
  /** Server hits that were made before it was over. */
  readonly serversHit: number
}

export type FlyRunOptions = {
  readonly stage: Stage
  readonly net: Net
  readonly crew: Crew
  readonly job: JobOptions
  readonly storm: Storm
  readonly serverHits: readonly ServerHit[]
  readonly random: SeededRandom
  /** How long what it leaves may take to be dealt with. */
  readonly patienceMs: number
}

export async function flyRun(options: FlyRunOptions): Promise<Flown> {
  const { stage, net, crew, random } = options
  const { clock, say } = stage
  const { servers, wire, bus } = net
  await crew.complete()
  const job = await startJob(bus, stage.children, options.job)
  const startedAt = clock.now()
  say(`${job.run} begins`)
  const sky = { servers, wire, clock, say, random: random.fork('servers'), signal: job.over }

  async function hitServers(): Promise<number> {
    let hits = 0
    for (const hit of options.serverHits) {
      if (!(await hit(sky))) break
      hits++
    }
    return hits
  }

  const { work, over: signal } = job
  const storming = storm({ ...options.storm, crew, clock, random: random.fork('storm'), work, signal })
  const hitting = hitServers()
  const end = await job.ended
  say(`${job.run} ends: ${end.report?.outcome ?? end.error}`)
  const seconds = (clock.now() - startedAt) / 1_000
  const [serversHit] = await Promise.all([hitting, storming])
  const late = new AbortController()
  const timer = clock.setTimer(options.patienceMs, () => late.abort())
  const journal = await settledJournal(bus, clock, job.run, late.signal)
  timer.cancel()
  return { ...end, run: job.run, journal, seconds, serversHit }
}
