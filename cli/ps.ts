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
import { attendanceObjects, stateOf, undecidedIn } from './show/attendance.ts'
import { table } from './show/table.ts'
import { type Screen, screen } from './show/terminal.ts'
import { waitingText } from './show/wait.ts'

export default command(
  (yargs) =>
    commonOptions(yargs).option('json', {
      type: 'boolean',
      describe:
        'print a JSON array of the peers, of roles that work waits for ("state": "missing"), and of runs that wait for a person ("state": "undecided")',
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
      const missing = await unattended(await workOn(bus, clock.now()), bus, clock)
      const runs = await liveRuns(bus)
      const undecided = undecidedIn(runs, await openWaits(bus.records))
      if (given.json) {
        out.line(JSON.stringify(attendanceObjects({ beats, silent, missing, undecided })))
        return EXIT.ok
      }
      if (beats.length + silent.length === 0) out.line('no peers')
      else
        for (const line of table(
          HEAD,
          [...beats.map(row), ...silent.map((peer) => [peer, '', 'silent'])],
          out,
        ))
          out.line(line)
      if (missing.length + undecided.length > 0) out.line('')
      for (const work of missing) out.line(waitingLine(work, out))
      for (const { run, waiting } of undecided)
        out.line(`${out.paint('yellow', 'waiting')}  ${waitingText(run, waiting)}`)
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

const waitingLine = (work: Work, { paint }: Screen) =>
  `${paint('yellow', 'waiting')}  ${work.role}: ${amountOf(work)}, and no process of that role: start one with "skein peer ${work.role}"`
