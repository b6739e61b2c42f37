/** What is wrong with a role that somebody wrote in Markdown. */
import { SkeinError } from '../../protocols/errors.ts'
import { type FileProblem, inOrder } from '../yaml/text.ts'

/**
 * Which part of the file is wrong: `file-form` (no front matter, or no YAML), `file-key` (a key that there is not, or
 * that is missing), `file-value`, `file-name` (a name that cannot be, or is another role's), `file-body` (no
 * instructions), `file-protocol`, `file-message` (a message that there is not, or that does not do there), `file-tool`,
 * `file-unreadable`.
 */
export type RoleFileCode =
  `file-${'form' | 'key' | 'value' | 'name' | 'body' | 'protocol' | 'message' | 'tool' | 'unreadable'}`

export type RoleFileProblem = FileProblem & { readonly code: RoleFileCode }

/**
 * `role.file-…`: the file does not say a role. The text has a line for each problem, `roles/critic.md:4:3: …`, and
 * the code is that of the first.
 */
export class RoleFileError extends SkeinError {
  readonly file: string
  readonly problems: readonly RoleFileProblem[]

  constructor(file: string, found: readonly RoleFileProblem[], options?: ErrorOptions) {
    const { problems, text } = inOrder(file, found)
    super(`role.${problems[0]?.code ?? 'file-form'}`, text, options)
    this.file = file
    this.problems = problems
  }
}
