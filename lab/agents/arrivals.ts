/**
 * The tasks of a plan as they come in, beside whatever an agent does with them: at once, or in batches with pauses between.
 */
import { endOfBatch, type Plan, pauseBefore } from '../plan.ts'

export type Arrivals = {
  /** Tasks of the plan that have arrived. */
  readonly arrived: number
}

/** Its machine needs a delay `pause`. */
export const pauseOf =
  (plan: Plan) =>
  ({ context }: { readonly context: Arrivals }): number =>
    pauseBefore(plan, context.arrived)

/** A region of a parallel machine, from the job on until all tasks are there. */
export const arrivals = (plan: Plan) =>
  ({
    initial: 'new',
    states: {
      new: { on: { 'work.job': 'pacing' } },
      pacing: {
        always: [
          {
            guard: ({ context }: { context: Arrivals }) => context.arrived === plan.tasks.length,
            target: 'all',
          },
          {
            guard: ({ context }: { context: Arrivals }) => pauseBefore(plan, context.arrived) === 0,
            target: 'arriving',
          },
        ],
        after: { pause: 'arriving' },
      },
      arriving: { entry: 'arrive', always: 'pacing' },
      all: { type: 'final' },
    },
  }) as const

/** The action of that name. */
export const arrive = (plan: Plan, { arrived }: Arrivals): Arrivals => ({
  arrived: endOfBatch(plan, arrived),
})
