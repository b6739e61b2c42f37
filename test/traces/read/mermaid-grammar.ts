/**
 * The part of Mermaid's grammar of sequence diagrams that a view may use, after its documentation. Stricter than
 * Mermaid: every participant is declared, and no text holds anything that could be taken for more than text.
 */

/** Anything but line breaks and what has a meaning, or an entity. */
const TEXT = /^(?:[^\p{Cc}\p{Cf}#;"<>&%{}\\`]|#(?:\d+|[a-z]+);)+$/u
const PARTICIPANT = /^participant (p\d+) as (.+)$/
const MESSAGE = /^(p\d+)(?:->>|-->>|-x|--x|-\)|--\))(p\d+): (.+)$/
const NOTE = /^Note over (p\d+)(?:,(p\d+))?: (.+)$/
const LOOP = /^loop (.+)$/

/** What is wrong with a diagram, a line each; none where it is valid. */
export function faultsOf(diagram: string): string[] {
  const faults: string[] = []
  const declared = new Set<string>()
  let depth = 0
  const text = (line: string, said: string) => {
    if (!TEXT.test(said) || said.trim() === '' || /^(no)?wrap:/.test(said)) faults.push(`text: ${line}`)
  }
  const known = (line: string, names: readonly (string | undefined)[]) => {
    for (const name of names) if (name && !declared.has(name)) faults.push(`undeclared: ${line}`)
  }
  if (!diagram.endsWith('\n')) faults.push('no newline at the end')
  const [head, ...lines] = diagram.slice(0, -1).split('\n')
  if (head !== 'sequenceDiagram') faults.push(`head: ${head}`)
  for (const padded of lines) {
    const line = padded.trim()
    const participant = PARTICIPANT.exec(line)
    const message = MESSAGE.exec(line)
    const note = NOTE.exec(line)
    const loop = LOOP.exec(line)
    if (participant !== null) {
      if (declared.has(participant[1]!)) faults.push(`twice: ${line}`)
      declared.add(participant[1]!)
      text(line, participant[2]!)
    } else if (message !== null) {
      known(line, [message[1], message[2]])
      text(line, message[3]!)
    } else if (note !== null) {
      known(line, [note[1], note[2]])
      text(line, note[3]!)
    } else if (loop !== null) {
      depth++
      text(line, loop[1]!)
    } else if (line === 'end') {
      if (--depth < 0) faults.push('an end too many')
    } else if (!/^%% [^{}]+$/.test(line)) faults.push(`no statement: ${line}`)
  }
  if (depth > 0) faults.push('a loop without end')
  return faults
}
