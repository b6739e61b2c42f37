/** A feature that the rules can build: pieces of work, each as a task of its own, as a model would go about it. */

/** What stands there, and what is to stand there instead. */
export type Edit = readonly [before: string, after: string]

export type FileChange = { readonly path: string } & (
  | { readonly edits: readonly Edit[] }
  | { readonly text: string }
)

export type Piece = {
  /** Name of its task, and what a peer is told of it. */
  readonly task: string
  readonly title: string
  readonly instructions: string
  readonly subject: { readonly file: string; readonly name: string } | null
  readonly needs: readonly string[]
  /** Whether the title of a task is that of this piece. */
  isAskedBy(title: string): boolean
  /** Full names of the tests that this piece brings along. */
  readonly tests: readonly string[]
  /** Where one would look first, right or wrong, and what has to be read before anything is written. */
  readonly guesses: readonly string[]
  readonly reads: readonly string[]
  /** The first draft. */
  readonly writes: readonly FileChange[]
  /** Mistakes of the draft, by the error that shows each. */
  readonly mends: readonly {
    readonly sees: RegExp
    readonly wrong: string
    readonly path: string
    readonly edits: readonly Edit[]
  }[]
}

export type Feature = {
  readonly name: string
  isAskedBy(goal: string): boolean
  /** What has to be looked up, and the words of a title that ask for it. */
  readonly question: { readonly task: string; readonly title: string; readonly instructions: string }
  readonly pieces: readonly Piece[]
  readonly criteria: readonly string[]
}

/** The text after all edits; undefined where one finds nothing to change. */
export function edited(text: string, edits: readonly Edit[]): string | undefined {
  let result = text
  for (const [before, after] of edits) {
    if (!result.includes(before)) return undefined
    result = result.replace(before, () => after)
  }
  return result
}

/** The text of a file after a change, given all files that were read; undefined where that one was not, or differs. */
export function changedText(change: FileChange, files: ReadonlyMap<string, string>): string | undefined {
  if ('text' in change) return change.text
  const before = files.get(change.path)
  return before === undefined ? undefined : edited(before, change.edits)
}
