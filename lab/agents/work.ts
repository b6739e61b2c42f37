/** What simulated agents say to each other: the talk of a plan that is worked off, with sizes in place of prose. */
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'

const tokens = z.number().int().min(0)
const taskName = z.string()

/** What somebody was given to work from. */
const givenSchema = z.object({
  /** Tokens of all results that it rests on. */
  tokens,
  /** Whether one of them was wrong. */
  wrong: z.boolean(),
})
export type Given = z.infer<typeof givenSchema>

export const work = defineProtocol(
  'work',
  1,
  {
    /** All of the plan, which the agent that gets it knows. */
    job: z.object({}),
    /** A part of the plan, by its number from 0. */
    part: z.object({ part: z.number().int().min(0) }),
    /** Of the tasks whose result nobody else needs: what the plan is for. */
    report: z.object({
      done: z.number().int().min(0),
      /** Of these, those whose result was wrong. */
      wrong: z.number().int().min(0),
      /** Those without a result. */
      failed: z.number().int().min(0),
    }),
    request: z.object({
      task: taskName,
      /** How many results come by themselves: the work begins when they are in. */
      awaits: z.number().int().min(0),
      /** What was handed over with the request. */
      given: givenSchema,
      /** 0 for the first time, then how often it was sent back. */
      round: z.number().int().min(0),
      /** Whether more work may come in the same conversation. */
      goesOn: z.boolean(),
    }),
    result: z.object({
      task: taskName,
      tokens,
      wrong: z.boolean(),
      given: givenSchema,
    }),
    /** A result of the task is to be looked at before it goes on. */
    check: z.object({ task: taskName }),
  },
  { job: ['report'], part: ['report'], request: ['result'], check: ['result'] },
)

export type WorkRequest = z.infer<typeof work.messages.request.body>
export type WorkResult = z.infer<typeof work.messages.result.body>
export type WorkReport = z.infer<typeof work.messages.report.body>

export const NOTHING_GIVEN: Given = { tokens: 0, wrong: false }

/** What results give to whoever works from them. */
export const givenBy = (
  results: readonly Pick<WorkResult, 'tokens' | 'wrong'>[],
  before = NOTHING_GIVEN,
): Given => ({
  tokens: results.reduce((sum, result) => sum + result.tokens, before.tokens),
  wrong: before.wrong || results.some(({ wrong }) => wrong),
})
