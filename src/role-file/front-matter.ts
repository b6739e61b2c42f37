/** A Markdown file with front matter, in its two parts: YAML between two lines of `---`, and the text below. */
import { type FileText, readYaml } from '../yaml/text.ts'
import type { RoleFileProblem } from './error.ts'

export type FrontMatter = {
  readonly yaml: FileText
  /** Without the blank lines around it. */
  readonly body: string
  /** Line of the second `---`, from 1. */
  readonly endsAt: number
}

const FENCE = /^---[ \t]*$/
const EXAMPLE = 'begin with a line "---", then "name: …" and the other keys, and another line "---"'

/** Both parts, or what is wrong with the first. Lines are those of the file. */
export function splitFrontMatter(
  text: string,
): FrontMatter | { readonly problems: readonly RoleFileProblem[]; readonly cause?: unknown } {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .split('\n')
  const form = (line: number, what: string): { readonly problems: readonly RoleFileProblem[] } => ({
    problems: [{ code: 'file-form', line, column: 1, text: what }],
  })
  if (!FENCE.test(lines[0]!)) return form(1, `a role has front matter: ${EXAMPLE}`)
  const end = lines.findIndex((line, index) => index > 0 && FENCE.test(line))
  if (end < 0) return form(1, `the front matter has no end: write a line "---" below its last key`)
  // An empty line in place of the first fence: so its lines are those of the file.
  const yaml = readYaml(`\n${lines.slice(1, end).join('\n')}\n`, 'Front matter is YAML: key: value')
  if ('problems' in yaml) {
    const problems = yaml.problems.map((problem) => ({ ...problem, code: 'file-form' as const }))
    return { problems, cause: yaml.cause }
  }
  const { value } = yaml
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return form(2, `the front matter is no list of keys: ${EXAMPLE}`)
  const body = lines
    .slice(end + 1)
    .join('\n')
    .trim()
  return { yaml, body, endsAt: end + 1 }
}
