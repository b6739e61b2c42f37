/** The keys of a role's front matter, and what may stand behind them. */
import { z } from 'zod'
import { roleNameSchema } from '../../protocols/ids.ts'
import type { FileText, Path } from '../yaml/text.ts'
import type { RoleFileCode, RoleFileProblem } from './error.ts'
import { meant } from './near.ts'

const text = z.string().trim().min(1, 'it is empty')

/** One, or a list of some. */
const some = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(text).min(1))

/** A name, or a name with parameters: those of `RoleModel`. */
const model = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z.strictObject({
    name: text.optional(),
    fallbacks: z.array(text).optional(),
    temperature: z.number().min(0).optional(),
    topP: z.number().min(0).max(1).optional(),
    seed: z.number().int().optional(),
    stop: z.array(z.string().min(1)).optional(),
    reasoningEffort: text.optional(),
    parallelToolCalls: z.boolean().optional(),
    maxOutputTokens: z.number().int().positive().optional(),
    contextTokens: z.number().int().positive().optional(),
  }),
)

/** A name, or one key with options: `fetch_url: { allow: […] }`. */
const tool = z.union([
  text.transform((name) => ({ name, options: {} as unknown })),
  z
    .record(z.string(), z.unknown())
    .refine((entry) => Object.keys(entry).length === 1)
    .transform((entry) => {
      const [[name, options]] = Object.entries(entry) as [[string, unknown]]
      return { name, options: options ?? {} }
    }),
])

const schema = z.strictObject({
  name: roleNameSchema,
  description: text,
  accepts: some,
  answers: some.optional(),
  asks: z.record(roleNameSchema, text).optional(),
  tools: z.array(tool).optional(),
  approve: some.optional(),
  model: model.optional(),
  concurrency: z.number().int().positive().optional(),
  protocols: some.optional(),
})

export type Keys = z.output<typeof schema>
export type ToolEntry = NonNullable<Keys['tools']>[number]

const KEYS = Object.keys(schema.shape)
const MODEL_KEYS = Object.keys(model.out.shape)

const A_TOOL = 'a tool is a name, or a name with options, like "- fetch_url: { allow: [example.org] }"'

export function readKeys(yaml: FileText): Keys | { readonly problems: readonly RoleFileProblem[] } {
  const parsed = schema.safeParse(yaml.value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) =>
    issuesText(issue, yaml).map(({ code, path, isKey, text }): RoleFileProblem => {
      const problem = isKey ? yaml.problemOfKey(path, text) : yaml.problem(path, text)
      return { ...problem, code }
    }),
  )
  return { problems }
}

type Complaint = {
  readonly code: RoleFileCode
  readonly path: Path
  readonly isKey?: boolean
  readonly text: string
}

function issuesText(issue: z.core.$ZodIssue, yaml: FileText): Complaint[] {
  const { path } = issue
  const place = path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const allowed = path[0] === 'model' ? MODEL_KEYS : KEYS
    const of = path.length === 0 ? 'a role' : `"${place}"`
    return issue.keys.map((key) => ({
      code: 'file-key',
      path: [...path, key],
      isKey: true,
      text: `${of} has no key "${key}": ${meant(key, allowed)}`,
    }))
  }
  const isThere = valueAt(yaml.value, path) !== undefined
  if (!isThere && path.length === 1)
    return [{ code: 'file-key', path, text: `"${place}" is missing: ${NEEDED[place] ?? 'write it'}` }]
  const quoted = yaml.quote(path)
  if (place === 'name')
    return [{ code: 'file-name', path, text: `${quoted} cannot name a role: ${issue.message}` }]
  if (issue.code === 'invalid_key')
    return [{ code: 'file-name', path, isKey: true, text: `"${String(path.at(-1))}" cannot name a role` }]
  if (/^tools\.\d+$/.test(place))
    return [{ code: 'file-tool', path, text: `${quoted} names no tool: ${A_TOOL}` }]
  return [{ code: 'file-value', path, text: `"${place}" cannot be ${quoted}: ${issue.message}` }]
}

const NEEDED: Readonly<Record<string, string>> = {
  name: 'write "name: librarian", say',
  description: 'say in a line what the role does, for people',
  accepts: 'write which messages it takes, like "accepts: question.ask"',
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  )
