/**
 * A vote: a question put to voters, who each choose one of its options, or none. What is voted on and what may be
 * chosen is the user's, so each use has a protocol of its own.
 */
import { z } from 'zod'
import { defineProtocol, type Protocol } from './define.ts'

/**
 * @param name of the protocol: `release` makes `release.call` and `release.cast`
 * @param schemas what is voted on, and what may be chosen: an enum, or any string where options are found on the way
 * @throws InvalidError `invalid.protocol` for a name that cannot be one
 * @example
 * const release = quorumVote('release', {
 *   subject: z.object({ version: z.string() }),
 *   choice: z.enum(['ship', 'hold']),
 * })
 */
export function quorumVote<
  const Name extends string,
  Subject extends z.ZodType,
  Choice extends z.ZodType<string>,
>(
  name: Name,
  schemas: { readonly subject: Subject; readonly choice: Choice },
): QuorumVote<Name, Subject, Choice> {
  return defineProtocol(name, 1, bodiesOf(schemas), { call: ['cast'] })
}

const bodiesOf = <Subject extends z.ZodType, Choice extends z.ZodType<string>>(schemas: {
  readonly subject: Subject
  readonly choice: Choice
}) => ({
  call: z.object({
    subject: schemas.subject,
    options: z.array(schemas.choice).min(1),
    /** How long votes are waited for, in milliseconds: a later one does not count. */
    closesInMs: z.number().positive(),
  }),
  cast: z.object({
    choice: schemas.choice.nullable().describe('one of the options, or null to abstain'),
    reason: z.string(),
  }),
})

export type QuorumVote<
  Name extends string,
  Subject extends z.ZodType,
  Choice extends z.ZodType<string>,
> = Protocol<Name, ReturnType<typeof bodiesOf<Subject, Choice>>>
