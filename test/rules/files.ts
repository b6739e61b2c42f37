/** What a conversation has seen of a workspace: files as they were read or written last, and runs of tests. */
import { type Called, type Chat, calls } from './chat.ts'

export type TestReport = {
  readonly ok: boolean
  readonly passed: readonly string[]
  readonly failed: readonly Failure[]
}

export type Failure = {
  readonly name: string
  readonly file: string
  readonly error: string
  readonly stack: string
}

/** Path to text, as far as files were read whole; what was written since counts. */
export function filesSeen(chat: Chat): ReadonlyMap<string, string> {
  const seen = new Map<string, string>()
  for (const { tool, input, output, error } of calls(chat)) {
    if (error !== undefined) continue
    const { path, text } = { ...input, ...(output as object) } as { path: string; text: string }
    if (tool === 'read_file' || tool === 'write_file') seen.set(path, text)
    else if (tool === 'replace_declaration') seen.delete(input.file as string)
  }
  return seen
}

export const filesListed = (chat: Chat): readonly string[] =>
  calls(chat, 'list_files').flatMap(({ output }) => (output as { files?: readonly string[] }).files ?? [])

export const reportOf = (ran: Called | undefined): TestReport | undefined =>
  ran === undefined || ran.error !== undefined ? undefined : (ran.output as TestReport)

export const lastReport = (chat: Chat): TestReport | undefined => reportOf(calls(chat, 'run_tests').at(-1))

/** A place in a stack: `at slugify (src/slug.js:16:9)`. */
export type Frame = { readonly name: string; readonly file: string }

/** The frames of a stack that lie in the workspace, innermost first. */
export const framesOf = ({ stack }: Failure): readonly Frame[] =>
  [...stack.matchAll(/^\s+at (?:async )?(\S+)(?: .*)? \(((?!node:)[^():]+):\d+:\d+\)$/gm)].map(
    ([, name, file]) => ({ name: name!, file: file! }),
  )

/** The comment above an export, without its stars. */
export function commentAbove(text: string, name: string): string {
  const pattern = new RegExp(
    `/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:export )?(?:async )?(?:function|const) ${name}\\b`,
  )
  const [, comment = ''] = pattern.exec(text) ?? []
  return comment.replace(/^ *\* ?/gm, '').trim()
}

/** Names that a module imports. */
export const importsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^import \{([^}]+)\} from/gm)].flatMap(([, names]) =>
    names!.split(',').map((name) => name.trim()),
  )
