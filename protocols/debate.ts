/**
 * A debate in rounds: each debater states a position, sees those of its neighbours, and revises its own (Y. Li et al.,
 * Improving Multi-Agent Debate with Sparse Communication Topology, arXiv 2406.11776, section 3). What is debated and
 * what a position is, is the user's, so each use has a protocol of its own.
 */
import { z } from 'zod'
import { defineProtocol, type Protocol } from './define.ts'

/**
 * @param name of the protocol: `sum` makes `sum.turn`
 * @param schemas what is debated, and what a position is: an answer with its reasons, say
 * @throws InvalidError `invalid.protocol` for a name that cannot be one
 * @example
 * const sum = debateAbout('sum', {
 *   question: z.object({ of: z.array(z.number()) }),
 *   position: z.object({ answer: z.number(), because: z.string() }),
 * })
 */
export function debateAbout<
  const Name extends string,
  Question extends z.ZodType,
  Position extends z.ZodType,
>(
  name: Name,
  schemas: { readonly question: Question; readonly position: Position },
): DebateProtocol<Name, Question, Position> {
  return defineProtocol(name, 1, bodiesOf(schemas), { turn: ['position'] })
}

const bodiesOf = <Question extends z.ZodType, Position extends z.ZodType>(schemas: {
  readonly question: Question
  readonly position: Position
}) => ({
  turn: z.object({
    question: schemas.question,
    round: z.number().int().positive(),
    /** The most that there will be. */
    rounds: z.number().int().positive(),
    /** What the debater said last; null before it said anything. */
    own: schemas.position.nullable(),
    /** What its neighbours said last, by the end of the round before. */
    heard: z.array(
      z.object({ debater: z.string(), round: z.number().int().positive(), position: schemas.position }),
    ),
    /** How long positions are waited for, in milliseconds: a later one counts for no round. */
    endsInMs: z.number().positive(),
  }),
  position: z.object({ position: schemas.position }),
  /** There will be no further round. */
  over: z.object({
    rounds: z.number().int().min(0),
    /** What the debate came to; null where it came to nothing. */
    position: schemas.position.nullable(),
  }),
})

export type DebateProtocol<
  Name extends string,
  Question extends z.ZodType,
  Position extends z.ZodType,
> = Protocol<Name, ReturnType<typeof bodiesOf<Question, Position>>>
