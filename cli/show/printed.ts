/** What commands print, made fit for a line of a screen. */
import { stripVTControlCharacters } from 'node:util'
import type { Printed } from '../../protocols/progress.ts'
import type { RunView } from './progress.ts'
import { cut, oneLine, type Screen } from './terminal.ts'

/** Lines of a signal that are shown: a few a second tell how it goes on. */
const SHOWN_LINES = 3
/** Columns of a line about a run: when, and who. */
export const TIME_CELLS = 7
export const PEER_CELLS = 13

/** The last lines that a command printed: `coder-1        run_tests │ ok 12 - parses`. */
export function showPrinted({ peer, tool, text }: Printed, { paint, width }: Screen): string[] {
  const lead = `${' '.repeat(TIME_CELLS)}  ${peer.padEnd(PEER_CELLS)} ${tool} │ `
  const room = Math.max(40, width() - lead.length)
  return linesOfOutput(text)
    .slice(-SHOWN_LINES)
    .map((line) => paint('dim', `${lead}${cut(line, room)}`))
}

/** The lines that say something, without colours, and of a line that was written over the last of it. */
export const linesOfOutput = (text: string): string[] =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => oneLine(line.trimEnd().split('\r').at(-1) ?? ''))
    .filter((line) => line.trim() !== '')

/** Beside what a peer does the last line that its tool printed: by peer and tool, forgotten when it does another thing. */
export function withPrinted(view: RunView, printing: Map<string, string>): RunView {
  const now = new Set(view.peers.map(({ peer, doing }) => `${peer} ${doing}`))
  for (const known of printing.keys()) if (!now.has(known)) printing.delete(known)
  const peers = view.peers.map((one) => {
    const last = printing.get(`${one.peer} ${one.doing}`)
    return last === undefined ? one : { ...one, conversation: `${one.conversation} │ ${last}` }
  })
  return { ...view, peers }
}
