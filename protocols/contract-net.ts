/**
 * Contract net: somebody calls for bids, those who can do the work make offers, one of them is awarded it. Names and
 * order of the acts are FIPA's (Contract Net Interaction Protocol, SC00029H; cancel: its section 3.2). `failure` is
 * everybody's. What is called for, offered and delivered is the user's, so each use has a protocol of its own.
 */
import { z } from 'zod'
import { defineProtocol, type Protocol } from './define.ts'

/**
 * @param name of the protocol: `translate` makes `translate.cfp`
 * @param schemas what is called for, what a bidder offers, and what it delivers in the end
 * @throws InvalidError `invalid.protocol` for a name that cannot be one
 * @example
 * const translate = contractNet('translate', {
 *   task: z.object({ text: z.string() }),
 *   offer: z.object({ cents: z.number() }),
 *   result: z.object({ text: z.string() }),
 * })
 * translate.messages['accept-proposal'].type
 * //                                    ^? 'translate.accept-proposal'
 */
export function contractNet<
  const Name extends string,
  Task extends z.ZodType,
  Offer extends z.ZodType,
  Result extends z.ZodType,
>(
  name: Name,
  schemas: { readonly task: Task; readonly offer: Offer; readonly result: Result },
): ContractNet<Name, Task, Offer, Result> {
  return defineProtocol(name, 1, bodiesOf(schemas), {
    cfp: ['propose', 'refuse'],
    'accept-proposal': ['inform'],
  })
}

function bodiesOf<Task extends z.ZodType, Offer extends z.ZodType, Result extends z.ZodType>(schemas: {
  readonly task: Task
  readonly offer: Offer
  readonly result: Result
}) {
  return {
    /** Call for proposals. */
    cfp: z.object({
      task: schemas.task,
      /** How long bids are waited for, in milliseconds: a later one is not looked at. */
      replyByMs: z.number().positive(),
    }),
    propose: z.object({ offer: schemas.offer }),
    refuse: z.object({ reason: z.string() }),
    'accept-proposal': z.object({}),
    'reject-proposal': z.object({ reason: z.string() }),
    inform: z.object({ result: schemas.result }),
    /** To whoever has the award: stop. It answers the award all the same. */
    cancel: z.object({ reason: z.string() }),
  }
}

export type ContractNet<
  Name extends string,
  Task extends z.ZodType,
  Offer extends z.ZodType,
  Result extends z.ZodType,
> = Protocol<Name, ReturnType<typeof bodiesOf<Task, Offer, Result>>>
