/** An experiment from a file, YAML or JSON: what is wrong with it is said with line and column, all of it at once. */
import { dirname, resolve } from 'node:path'
import { isNode, LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { InvalidError, SkeinError } from '../protocols/errors.ts'
import { isTopologyName } from '../src/topology/topology.ts'
import { allowedKeys } from './allowed-keys.ts'
import {
  type AnyExperiment,
  cellsOf,
  experimentSchema,
  isReal,
  isRealCell,
  type Read,
  type Variant,
} from './experiment.ts'
import { type SimulatedJob, stagesOf } from './job.ts'
import { missingDirectories } from './real/directories.ts'
import { realExperimentSchema } from './real/experiment.ts'
import { realTopology } from './real/topology.ts'
import { wired } from './wired.ts'

/** What is wrong, and where. Lines and columns are counted from 1. */
export type FileProblem = { readonly line: number; readonly column: number; readonly text: string }

/** `lab.file`: the file says no experiment. The text has a line for each problem: `lab.yaml:7:5: …`. */
export class ExperimentFileError extends SkeinError {
  readonly file: string
  readonly problems: readonly FileProblem[]

  constructor(file: string, problems: readonly FileProblem[], options?: ErrorOptions) {
    const ordered = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
    super(
      'lab.file',
      ordered.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`).join('\n'),
      options,
    )
    this.file = file
    this.problems = ordered
  }
}

type Path = readonly PropertyKey[]

/**
 * @param file its path, for its errors and for what lies beside it
 * @param open reads a topology that is a file, by the name that the experiment gives it
 * @throws ExperimentFileError; TopologyFileError for a topology that is a file; what `open` throws
 */
export function readExperiment(
  source: string,
  file: string,
  open: (name: string) => string = unopened,
): Read {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const at = (offset: number, text: string): FileProblem => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col), text }
  }
  const wrong = document.errors.map(({ pos: [offset], message }) =>
    at(offset, `${message.split('\n', 1)[0]}: an experiment is YAML or JSON`),
  )
  if (wrong.length > 0) throw new ExperimentFileError(file, wrong)

  /** Where something stands; where it is missing, what is around it. */
  function placeOf(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true)
      if (isNode(node) && (node as Node).range) return (node as Node).range![0]
    }
    return document.contents?.range?.[0] ?? 0
  }

  const raw: unknown = document.toJS({ maxAliasCount: 100 })
  const folder = resolve(dirname(file))

  /** @param place where the problems are, if not where they say */
  function parsed(value: unknown, place?: { readonly path: Path; readonly what: string }) {
    const schema = schemaFor(value)
    const result = schema.safeParse(value)
    const says = result.success
      ? missingIn(result.data, folder)
      : result.error.issues.flatMap((issue) => textOf(issue, value, schema))
    if (result.success && says.length === 0) return result.data
    const problems = says.map(({ path, text }) =>
      place === undefined
        ? at(placeOf(path), text)
        : at(placeOf(place.path), `${place.what} is none: ${text}`),
    )
    throw new ExperimentFileError(file, problems, { cause: result.error })
  }

  const experiment = parsed(raw)
  let variants: readonly (Variant & { readonly raw: unknown })[] = [{ varied: {}, experiment, raw }]
  for (const [number, { path, values }] of experiment.vary.entries()) {
    variants = variants.flatMap((variant) =>
      values.map((value, index) => {
        const changed = withValue(variant.raw, path.split('.'), value)
        const where = { path: ['vary', number, 'values', index], what: `${path} as ${JSON.stringify(value)}` }
        const varied = { ...variant.varied, [path]: value }
        return { varied, experiment: parsed(changed, where), raw: changed }
      }),
    )
  }
  const names = experiment.topologies.filter((name) => !isTopologyName(name))
  const files = Object.fromEntries(names.map((name) => [name, open(name)]))
  const read = {
    ...{ experiment, files, folder },
    variants: variants.map(({ varied, experiment }) => ({ varied, experiment })),
  }
  for (const cell of cellsOf(read)) {
    const { topology, placement, source } = cell
    if (isRealCell(cell)) realTopology(cell, 1)
    else wired({ topology, placement, source, seed: 1, ...aboutJob(cell.experiment.job) })
  }
  return read
}

/** Keys of the one kind of experiment mean nothing to the other. */
const schemaFor = (value: unknown): z.ZodType<AnyExperiment> =>
  valueAt(value, ['job', 'kind']) === 'real' ? realExperimentSchema : experimentSchema

const missingIn = (experiment: AnyExperiment, folder: string): readonly Said[] =>
  isReal(experiment)
    ? missingDirectories(experiment.job, folder).map(({ key, why }) => ({
        path: ['job', key],
        text: `job.${key}: ${why}`,
      }))
    : []

const aboutJob = (job: SimulatedJob) => ({ stages: stagesOf(job), isReviewed: job.review !== null })

function unopened(name: string): string {
  throw new InvalidError(
    'topology',
    `"${name}" is a file, and there are none here: take a topology by its name`,
  )
}

type Said = { readonly path: Path; readonly text: string }

function textOf(issue: z.core.$ZodIssue, value: unknown, schema: z.ZodType): readonly Said[] {
  const { path } = issue
  // Of several forms that something may have, the one that fits furthest says most.
  if (issue.code === 'invalid_union') {
    const nearest = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0]
    if (nearest !== undefined && depthOf(nearest) > 0)
      return nearest.flatMap((inner) => textOf({ ...inner, path: [...path, ...inner.path] }, value, schema))
  }
  const name = path.map(String).join('.') || 'the experiment'
  const there = valueAt(value, path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      text: `${name} has no "${key}": allowed are ${allowedKeys(schema, path).join(', ')}`,
    }))
  if (there === undefined && issue.code !== 'custom') return [{ path, text: `${name} is missing` }]
  const quoted = typeof there === 'object' ? '' : ` cannot be ${JSON.stringify(there)}`
  const why =
    issue.code === 'invalid_union'
      ? [...new Set(issue.errors.flat().map(({ message }) => message))].join(', or ') || issue.message
      : issue.message
  return [{ path, text: `${name}${quoted}: ${why}` }]
}

const depthOf = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map(({ path, code }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)))

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  )

/** A copy with one value changed. A number or text that stands where a map should (`5s` for a mean) makes way for one. */
function withValue(within: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  const map = typeof within === 'object' && within !== null ? (within as Record<string, unknown>) : {}
  return { ...map, [key!]: rest.length === 0 ? value : withValue(map[key!], rest, value) }
}
