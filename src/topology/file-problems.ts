/** What a schema has against a topology file, in words that quote the offender and say what is allowed. */
import type { z } from 'zod'
import type { FileProblem, FileText, Path } from './file-text.ts'

export type Words = {
  /** The keys that are allowed where an unknown one stands. */
  allowedKeys(path: Path): readonly string[]
  readonly kinds: readonly string[]
}

const A_NAME = 'a role or a peer is named by 1 to 63 of a-z, 0-9, "-" and "_", like coder or coder-1'
const A_PAIR = 'an edge is a pair of roles or peers, like [planner, coder-1]'

export const commaList = (names: readonly string[]): string => names.join(', ')

export const problemsOf = (error: z.ZodError, text: FileText, words: Words): FileProblem[] =>
  error.issues.flatMap((issue) => problemsOfIssue(issue, text, words))

function problemsOfIssue(issue: z.core.$ZodIssue, text: FileText, words: Words): FileProblem[] {
  const { path } = issue
  const says = (what: string) => [text.problem(path, what)]
  if (issue.code === 'unrecognized_keys') {
    const allowed = commaList(words.allowedKeys(path))
    return issue.keys.map((key) =>
      text.problemOfKey([...path, key], `unknown key ${JSON.stringify(key)}: allowed are ${allowed}`),
    )
  }
  if (issue.code === 'custom') return says(issue.message)
  const place = path.map(String).join('.')
  const isThere = valueAt(text.value, path) !== undefined
  if (path.length === 0) return says('a topology file is a map: name, and edges or overlay')
  if (isThere && /(^|\.)edges\.\d+$/.test(place)) return says(`${A_PAIR}, and not ${text.quote(path)}`)
  if (/(^|\.)edges\.\d+\.\d+$/.test(place)) {
    const edge = path.slice(0, -1)
    return isThere
      ? says(`${text.quote(path)} is no name: ${A_NAME}`)
      : [text.problem(edge, `${A_PAIR}, and not ${text.quote(edge)}`)]
  }
  if (place === 'overlay.kind') {
    const what = isThere ? `unknown kind ${text.quote(path)}` : 'the overlay has no kind'
    return says(`${what}: allowed are ${commaList(words.kinds)}`)
  }
  if (!isThere) return says(`${place} is missing`)
  if (issue.code === 'invalid_value') {
    return says(`unknown ${place} ${text.quote(path)}: allowed are ${commaList(issue.values.map(String))}`)
  }
  if (issue.code === 'invalid_union' || issue.code === 'invalid_format') {
    return says(`${text.quote(path)} is no name: ${A_NAME}`)
  }
  return says(`${place} cannot be ${text.quote(path)}: ${issue.message}`)
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  )
}
