/**
 * Handoff: work moves from one owner to the next, and with it the obligation to answer whoever asked for it. First it
 * is offered, which moves nothing; then it is transferred. What the work is, and what answers it, is the user's, so
 * each use has a protocol of its own.
 */
import { z } from 'zod'
import { defineProtocol, type MessageDefinition, type Protocol } from './define.ts'

/**
 * @param name of the protocol: `escalate` makes `escalate.transfer`
 * @param options `work`: what is handed over. `answers`: what answers the request that moves with it
 * @throws InvalidError `invalid.protocol` for a name that cannot be one
 * @example
 * const escalate = handoff('escalate', {
 *   work: z.object({ question: z.string() }),
 *   answers: [support.messages.reply],
 * })
 */
export function handoff<const Name extends string, Work extends z.ZodType>(
  name: Name,
  { work, answers }: { readonly work: Work; readonly answers: readonly Pick<MessageDefinition, 'type'>[] },
): Handoff<Name, Work> {
  return defineProtocol(name, 1, bodiesOf(work), {
    offer: ['accept', 'decline'],
    transfer: answers.map(({ type }) => type),
  })
}

function bodiesOf<Work extends z.ZodType>(work: Work) {
  const handed = z.object({
    work,
    /** The conversations that have owned it, the first one first. */
    trail: z.array(z.string()),
  })
  return {
    offer: handed,
    accept: z.object({}),
    decline: z.object({ reason: z.string() }),
    transfer: handed,
  }
}

export type Handoff<Name extends string, Work extends z.ZodType> = Protocol<
  Name,
  ReturnType<typeof bodiesOf<Work>>
>
