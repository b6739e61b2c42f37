/** `skein ps`: who is there now, and what waits for somebody who is not. */
import type { Beat } from '../protocols/presence.ts'
import { type Work, workOn } from '../src/flock/backlog.ts'
import { isOriginLease, liveRuns } from '../src/flock/live-runs.ts'
import { findBus } from '../src/flock/open-bus.ts'
import { amountOf, unattended } from '../src/flock/unattended.ts'
import { rollCall } from '../src/peer/presence.ts'
import { openWaits } from '../src/people/open-waits.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { table } from './show/table.ts'
import { type Screen, screen } from './show/terminal.ts'
import { waitingText } from './show/wait.ts'

export default command(
  (yargs) =>
    commonOptions(yargs).option('json', {
      type: 'boolean',
      describe: 'print a JSON array of the peers, and of roles that work waits for ("state": "missing")',
    }),
  async (given) => {
    const settings = await readSettings(given)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const { bus, leave } = await findBus({ ...settings, say: err.line })
    try {
      const held = await bus.leases.list('peer')
      const leased = held.filter(({ key }) => !isOriginLease(key)).map(({ key }) => key.slice('peer.'.length))
      const clock = systemClock()
      const beats = await rollCall(
        bus.signals,
        clock,
        (heard) => leased.length > 0 && leased.every((peer) => heard.some((beat) => beat.peer === peer)),
      )
      const silent = leased.filter((peer) => !beats.some((beat) => beat.peer === peer))
      const waiting = await unattended(await workOn(bus, clock.now()), bus, clock)
      if (given.json) {
        const there = beats.map((beat) => ({ ...beat, state: stateOf(beat) }))
        out.line(JSON.stringify([...there, ...silent.map(dead), ...waiting.map(missing)]))
        return EXIT.ok
      }
      const runs = await liveRuns(bus)
      if (beats.length + silent.length === 0) out.line('no peers')
      else
        for (const line of table(
          HEAD,
          [...beats.map(row), ...silent.map((peer) => [peer, '', 'silent'])],
          out,
        ))
          out.line(line)
      const asked = await openWaits(bus.records)
      if (waiting.length + asked.length > 0) out.line('')
      for (const work of waiting) out.line(waitingLine(work, out))
      for (const run of runs) {
        const text = waitingText(run, asked.filter((wait) => wait.run === run).length)
        if (text !== undefined) out.line(`${out.paint('yellow', 'waiting')}  ${text}`)
      }
      if (runs.length > 0) out.line(out.paint('dim', `\nruns: ${runs.join(', ')}`))
      return EXIT.ok
    } finally {
      await leave()
    }
  },
)

const HEAD = ['PEER', 'ROLE', 'STATE', 'LOAD', 'MODEL', 'PROCESS', 'DOING']

const row = (beat: Beat): string[] => [
  beat.peer,
  beat.role,
  stateOf(beat),
  `${beat.busy}/${beat.limit}`,
  beat.model,
  `${beat.host}:${beat.pid}`,
  beat.doing.join(', '),
]

/** Its lease is held, and it does not answer: its process was killed, or is too busy to. */
const dead = (peer: string) => ({ peer, state: 'silent' as const })

/** No peer, but a role that none is there of. */
const missing = (work: Work) => ({ ...work, state: 'missing' as const })

const waitingLine = (work: Work, { paint }: Screen) =>
  `${paint('yellow', 'waiting')}  ${work.role}: ${amountOf(work)}, and no process of that role: start one with "skein peer ${work.role}"`

type State = 'leaving' | 'adopted' | 'working' | 'waiting' | 'idle'

function stateOf({ draining, adopted, busy, conversations }: Beat): State {
  if (draining) return 'leaving'
  if (adopted) return 'adopted'
  if (busy > 0) return 'working'
  return conversations > 0 ? 'waiting' : 'idle'
}
