/** A run as plain lines, one for each thing that happens: for files, pipes and terminals that cannot be repainted. */
import type { ConversationRecord } from '../../src/turn/record.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import { type Happening, happenings } from './happening.ts'
import { PEER_CELLS, showPrinted, TIME_CELLS } from './printed.ts'
import type { RunDisplay } from './run-display.ts'
import { cut, type Screen, type Style } from './terminal.ts'

/** As much as has to be typed. */
const WAIT_CELLS = 72

const STYLES: Partial<Record<Happening['kind'], Style>> = {
  delivers: 'green',
  approves: 'green',
  'sends back': 'yellow',
  fails: 'red',
  waits: 'yellow',
}

/** Says what each commit of a run does. @param startedAt from when the times count */
export function commitLines({ line, paint, width }: Screen, startedAt: number) {
  const waits = new Set<string>()
  return (record: ConversationRecord): void => {
    for (const { at, peer, kind, text } of happenings(record)) {
      if (kind === 'waits') {
        if (waits.has(text)) continue
        waits.add(text)
      }
      const time = shortDuration(Math.max(0, at - startedAt)).padStart(TIME_CELLS)
      const lead = `${time}  ${peer.padEnd(PEER_CELLS)} `
      const told = cut(text, Math.max(kind === 'waits' ? WAIT_CELLS : 40, width() - lead.length))
      const style = STYLES[kind]
      line(`${paint('dim', time)}${lead.slice(TIME_CELLS)}${style ? paint(style, told) : told}`)
    }
  }
}

export function linesDisplay(screen: Screen): RunDisplay {
  const { line } = screen
  let commit: RunDisplay['commit'] = () => {}
  return {
    start(started) {
      commit = commitLines(screen, started.startedAt)
      line(`${started.run} begins: model ${started.model}, ${where(started)}`)
      line(`peers: ${started.members.map(({ peer }) => peer).join(', ')}`)
      if (started.logs !== null) line(`logs: ${started.logs}`)
    },
    commit: (record) => commit(record),
    printed(printed) {
      for (const told of showPrinted(printed, screen)) line(told)
    },
    say: line,
    end: () => {},
  }
}

const where = ({ bus, url }: { readonly bus: string; readonly url?: string }) =>
  bus === 'memory' ? 'all in this process' : bus === 'embedded' ? `private NATS at ${url}` : `NATS at ${url}`
