/**
 * An experiment as data: a job, and what is varied around it. Every combination is a cell, and every cell is run with
 * the same seeds.
 *
 * @example
 * ```yaml
 * name: saturation
 * job:
 *   graph: { shape: independent, tasks: 400 }
 *   service: { mean: 9s, c2: 1 }
 *   hub: { mean: 1s, c2: 1 }
 * topologies: [mesh, star, solo]
 * sizes: [1, 2, 4, 8, 16]
 * ```
 */
import { z } from 'zod'
import { isTopologyName, PLACEMENTS, type Placement, TOPOLOGY_NAMES } from '../src/topology/topology.ts'
import { durationSchema } from './duration.ts'
import { graphProblem } from './graphs.ts'
import { simulatedJobSchema } from './job.ts'
import type { RealExperiment } from './real/experiment.ts'
import type { Cell } from './results.ts'

/** Runs of a cell that its intervals should rest on at least. */
export const SEEDS_WANTED = 30

/** What a topology is called that is a file. */
export const FILE = /\.(ya?ml|json)$/

const FAULTS = ['none', 'hub', 'leaf'] as const

const seedsSchema = z.union([
  z
    .int()
    .min(1)
    .max(10_000)
    .transform((count) => Array.from({ length: count }, (_, index) => index + 1)),
  z.array(z.int()).min(1).max(10_000),
])

export const distinct = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .min(1)
    .refine((items) => new Set(items).size === items.length, 'something stands here twice')

export const experimentSchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    description: z.string().default(''),
    job: simulatedJobSchema,
    /** By name, or a file of somebody's own beside the experiment. */
    topologies: distinct(
      z
        .string()
        .refine(
          (name) => isTopologyName(name) || FILE.test(name),
          `there are ${TOPOLOGY_NAMES.join(', ')}, and files (.yaml, .yml, .json)`,
        ),
    ).default(['mesh', 'star', 'solo']),
    /** Whom work goes to. */
    placements: distinct(z.enum(PLACEMENTS)).default(['anybody']),
    /** Peers that work, without the hub. */
    sizes: distinct(z.int().min(1).max(10_000)),
    /** How many, from 1 on, or which. */
    seeds: seedsSchema.prefault(SEEDS_WANTED),
    faults: distinct(z.enum(FAULTS)).default(['none']),
    crash: z
      .strictObject({
        /** When: a share of the time that the same run takes without it. */
        at: z.number().gt(0).lt(1).default(0.5),
        /** How long after that another process begins in its place. */
        restart: durationSchema.prefault('5s'),
      })
      .prefault({}),
    /** What else is varied: by its path in the experiment. */
    vary: z
      .array(
        z.strictObject({
          path: z.string().regex(/^job(\.[A-Za-z]\w*)+$/, 'it is a path into the job, like job.hub.mean'),
          values: distinct(z.union([z.number(), z.string()])),
        }),
      )
      .default([]),
    /** How long a lease lives: by then a dead peer is given up. */
    lease: durationSchema.prefault('10s'),
    /** How long a message is on its way. */
    latency: durationSchema.prefault('0ms'),
    /** Virtual time after which a run counts as stuck. */
    deadline: durationSchema.prefault('10000h'),
    confidence: z.number().gt(0).lt(1).default(0.95),
  })
  .superRefine(({ job, topologies }, context) => {
    const star = topologies.indexOf('star')
    if (job.graph.shape === 'pipeline' && star !== -1)
      context.addIssue({
        code: 'custom',
        path: ['topologies', star],
        message:
          'a pipeline passes its items on by itself, and a star has a supervisor that does: leave one out',
      })
    const problem = graphProblem(job.graph)
    if (problem !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['job', 'graph', 'tasks', problem.task],
        message: problem.text,
      })
  })
/** One that is run in virtual time. */
export type Experiment = z.infer<typeof experimentSchema>
export type AnyExperiment = Experiment | RealExperiment

export const isReal = (experiment: AnyExperiment): experiment is RealExperiment =>
  experiment.job.kind === 'real'

/** An experiment as it was read, with those that its variations make of it. */
export type Read = {
  readonly experiment: AnyExperiment
  /** The folder that it lies in. */
  readonly folder: string
  /** At least one: the experiment itself, where nothing is varied. */
  readonly variants: readonly Variant[]
  /** The texts of the topologies that are files, by their names. */
  readonly files: Readonly<Record<string, string>>
}

export type Variant = { readonly varied: Cell['varied']; readonly experiment: AnyExperiment }

type Wired = Cell & {
  readonly placement: Placement
  /** The text of its topology, where that is a file. */
  readonly source?: string | undefined
}

/** What one run needs to know of its cell. */
export type PlannedCell = Wired & { readonly experiment: Experiment }
/** The same where its job is real. */
export type RealCell = Wired & {
  readonly experiment: RealExperiment
  /** The folder that the experiment lies in. */
  readonly folder: string
}
export type AnyCell = PlannedCell | RealCell

export const isRealCell = (cell: AnyCell): cell is RealCell => isReal(cell.experiment)

/** Every cell, in the order in which they are run and shown. */
export function cellsOf({ variants, files, folder }: Read): readonly AnyCell[] {
  return variants.flatMap(({ varied, experiment }) => {
    const { topologies, placements, sizes, faults } = experiment
    return topologies.flatMap((topology) => {
      // One agent alone has one size, and nobody to choose among.
      const isAlone = topology === 'solo'
      return (isAlone ? (['anybody'] as const) : placements).flatMap((placement) =>
        (isAlone ? [1] : sizes).flatMap((size) =>
          faults.map((fault): AnyCell => {
            const cell = { topology, placement, size, faults: fault, varied }
            const wired = { id: idOf(cell), ...cell, source: files[topology] }
            return isReal(experiment) ? { ...wired, experiment, folder } : { ...wired, experiment }
          }),
        ),
      )
    })
  })
}

const idOf = ({
  topology,
  placement,
  size,
  faults,
  varied,
}: Omit<Cell, 'id'> & { placement: Placement }): string =>
  [
    ...[topology, placement, `n${size}`, faults],
    ...Object.entries(varied).map(([path, value]) => `${path}=${value}`),
  ].join(' ')
