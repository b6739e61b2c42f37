/** The text of a topology file, and the error of one that says no topology. */
import { SkeinError } from '../../protocols/errors.ts'
import { type FileProblem, type FileText, inOrder, readYaml } from '../yaml/text.ts'

export type { FileProblem, FileText, Path } from '../yaml/text.ts'

/** `topology.file`: the file does not say a topology. The text has a line for each problem: `ring.yaml:7:5: …`. */
export class TopologyFileError extends SkeinError {
  readonly file: string
  readonly problems: readonly FileProblem[]

  constructor(file: string, found: readonly FileProblem[], options?: ErrorOptions) {
    const { problems, text } = inOrder(file, found)
    super('topology.file', text, options)
    this.file = file
    this.problems = problems
  }
}

/** @throws TopologyFileError where the text is neither YAML nor JSON, or says more than one thing */
export function readText(text: string, file: string): FileText {
  const read = readYaml(text, 'A topology file is YAML or JSON')
  if ('problems' in read) throw new TopologyFileError(file, read.problems, { cause: read.cause })
  return read
}
