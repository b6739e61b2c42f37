/**
 * Scatter-gather: one asks many at once, and goes on with the answers of all of them, of some, or of those who answered
 * in time. What is asked and answered is the user's, so each use has a protocol of its own.
 */
import { z } from 'zod'
import { defineProtocol, type Protocol } from './define.ts'

/**
 * @param name of the protocol: `poll` makes `poll.ask`
 * @throws InvalidError `invalid.protocol` for a name that cannot be one
 * @example
 * const poll = scatterGather('poll', { question: z.object({ about: z.string() }), answer: z.object({ yes: z.boolean() }) })
 */
export function scatterGather<
  const Name extends string,
  Question extends z.ZodType,
  Answer extends z.ZodType,
>(
  name: Name,
  schemas: { readonly question: Question; readonly answer: Answer },
): ScatterGather<Name, Question, Answer> {
  return defineProtocol(name, 1, bodiesOf(schemas), { ask: ['answer'] })
}

function bodiesOf<Question extends z.ZodType, Answer extends z.ZodType>(schemas: {
  readonly question: Question
  readonly answer: Answer
}) {
  return {
    ask: z.object({ question: schemas.question }),
    answer: z.object({ answer: schemas.answer }),
  }
}

export type ScatterGather<
  Name extends string,
  Question extends z.ZodType,
  Answer extends z.ZodType,
> = Protocol<Name, ReturnType<typeof bodiesOf<Question, Answer>>>
