/** What is called for, offered and delivered under a contract net, by the types of its protocol. */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'

type Message<Body> = MessageDefinition<string, z.ZodType<Body>>

/** Any protocol that `contractNet` makes. */
export type AnyContractNet = {
  readonly name: string
  readonly messages: {
    readonly cfp: Message<{ task: unknown; replyByMs: number }>
    readonly propose: Message<{ offer: unknown }>
    readonly refuse: Message<{ reason: string }>
    readonly 'accept-proposal': Message<Record<string, never>>
    readonly 'reject-proposal': Message<{ reason: string }>
    readonly inform: Message<{ result: unknown }>
    readonly cancel: Message<{ reason: string }>
  }
}

type Body<Definition extends MessageDefinition> = z.output<Definition['body']>
export type TaskOf<Net extends AnyContractNet> = (Body<Net['messages']['cfp']> & { task: unknown })['task']
export type OfferOf<Net extends AnyContractNet> = (Body<Net['messages']['propose']> & {
  offer: unknown
})['offer']
export type ResultOf<Net extends AnyContractNet> = (Body<Net['messages']['inform']> & {
  result: unknown
})['result']
