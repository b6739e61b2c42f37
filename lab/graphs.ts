/** The graph of a job: which task needs which. Pure, and the same for every seed. */

import { z } from 'zod'
import { assertNever } from '../protocols/errors.ts'
import { timeSchema } from './quantity.ts'

const count = (most: number) => z.int().min(1).max(most)
/** Tasks of a job. */
const TASKS_LIMIT = 100_000
/** Names of conversations that are no task's. */
const RESERVED = /^(goal|origin|submit|part-.*|check-.*|.*-r\d+)$/
const taskName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,47}$/, 'a task is named by 1 to 48 of a-z, 0-9, "-" and "_"')
  .refine(
    (name) => !RESERVED.test(name),
    'that name is taken: goal, origin, submit, part-…, check-… and …-r1 are',
  )

export const graphSchema = z.discriminatedUnion('shape', [
  /** Tasks that need nothing of each other. */
  z.strictObject({ shape: z.literal('independent'), tasks: count(TASKS_LIMIT) }),
  /** Each needs the one before. */
  z.strictObject({ shape: z.literal('chain'), tasks: count(TASKS_LIMIT) }),
  /** `depth` layers of `width` tasks, each of which needs `fan-in` of the layer before: its neighbours, round. */
  z.strictObject({
    shape: z.literal('layers'),
    depth: count(1_000),
    width: count(1_000),
    fanIn: count(1_000),
  }),
  /** A task, then `width` that need it, then one that needs all of these; so many times in a row. */
  z.strictObject({ shape: z.literal('fork-join'), width: count(1_000), stages: count(1_000).default(1) }),
  /**
   * `items` that pass all stages, one after the other; a task for each item at each stage. Every stage has peers of its
   * own, as many as the size of the cell.
   */
  z.strictObject({
    shape: z.literal('pipeline'),
    items: count(TASKS_LIMIT),
    stages: z
      .array(z.strictObject({ service: timeSchema }))
      .min(2)
      .max(20),
  }),
  /** Every task by its name. */
  z.strictObject({
    shape: z.literal('tasks'),
    tasks: z
      .array(z.strictObject({ name: taskName, needs: z.array(taskName).default([]) }))
      .min(1)
      .max(TASKS_LIMIT),
  }),
])
export type GraphData = z.infer<typeof graphSchema>

export type Node = {
  readonly name: string
  readonly needs: readonly string[]
  /** Of a pipeline, from 1. */
  readonly stage?: number
}

/** Nobody comes before what it needs. */
export function nodesOf(graph: GraphData): readonly Node[] {
  switch (graph.shape) {
    case 'independent':
      return range(graph.tasks, (index) => ({ name: `t-${index}`, needs: [] }))
    case 'chain':
      return range(graph.tasks, (index) => ({
        name: `t-${index}`,
        needs: index === 0 ? [] : [`t-${index - 1}`],
      }))
    case 'layers': {
      const { depth, width, fanIn } = graph
      const name = (layer: number, place: number) => `t-${layer}-${place % width}`
      return range(depth, (layer) =>
        range(width, (place) => ({
          name: name(layer, place),
          needs: layer === 0 ? [] : range(Math.min(fanIn, width), (next) => name(layer - 1, place + next)),
        })),
      ).flat()
    }
    case 'fork-join': {
      const { width, stages } = graph
      return range(stages, (stage) => [
        { name: `fork-${stage}`, needs: stage === 0 ? [] : [`join-${stage - 1}`] },
        ...range(width, (place) => ({ name: `t-${stage}-${place}`, needs: [`fork-${stage}`] })),
        { name: `join-${stage}`, needs: range(width, (place) => `t-${stage}-${place}`) },
      ]).flat()
    }
    case 'pipeline':
      return range(graph.items, (item) =>
        graph.stages.map((_, index) => ({
          name: `t-${item}-${index + 1}`,
          needs: index === 0 ? [] : [`t-${item}-${index}`],
          stage: index + 1,
        })),
      ).flat()
    case 'tasks':
      return ordered(graph.tasks)
    default:
      return assertNever(graph)
  }
}

/** What keeps a graph from being worked off, and at which of its tasks; undefined where nothing does. */
export function graphProblem(graph: GraphData): { readonly task: number; readonly text: string } | undefined {
  if (graph.shape !== 'tasks') return undefined
  const { tasks } = graph
  const names = new Set<string>()
  for (const [task, { name }] of tasks.entries()) {
    if (names.has(name)) return { task, text: `there are two tasks named "${name}"` }
    names.add(name)
  }
  for (const [task, { name, needs }] of tasks.entries()) {
    const stranger = needs.find((need) => !names.has(need))
    if (stranger !== undefined) return { task, text: `"${name}" needs "${stranger}", which is no task` }
    if (new Set(needs).size < needs.length) return { task, text: `"${name}" needs the same task twice` }
  }
  const placed = new Set(ordered(tasks).map(({ name }) => name))
  const stuck = tasks.findIndex(({ name }) => !placed.has(name))
  if (stuck === -1) return undefined
  return { task: stuck, text: `"${tasks[stuck]!.name}" waits for itself, in a circle of needs` }
}

/** As given, but nobody before what it needs; those of a circle are left out. */
function ordered(tasks: readonly Node[]): readonly Node[] {
  const placed = new Set<string>()
  const order: Node[] = []
  for (let left = [...tasks]; left.length > 0; ) {
    const ready = left.filter(({ needs }) => needs.every((need) => placed.has(need)))
    if (ready.length === 0) return order
    for (const task of ready) placed.add(task.name)
    order.push(...ready)
    left = left.filter(({ name }) => !placed.has(name))
  }
  return order
}

const range = <Item>(length: number, item: (index: number) => Item): Item[] =>
  Array.from({ length }, (_, index) => item(index))
