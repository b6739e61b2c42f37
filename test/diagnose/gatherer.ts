/**
 * A role that hands parts of its work to others, waits until each is answered or has failed, and answers with what it
 * has: a join, whatever the protocol.
 */
import { type AnyStateMachine, assign, enqueueActions } from 'xstate'
import type { MessageDefinition } from '../../protocols/define.ts'
import { nameOf, partsOf } from '../../protocols/ids.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { type FailureEvent, roleSetup } from '../../src/role/setup.ts'
import type { Incoming } from '../../src/turn/behaviour.ts'

export type Part = {
  readonly role: string
  /** Of the conversation that it is for. */
  readonly name: string
  readonly message: Pick<MessageDefinition, 'type'>
  readonly body: unknown
  readonly timeoutMs?: number
}

export type Gathered = {
  /** What it was asked. */
  readonly request: unknown
  /** Bodies of the answers, by the name of their part. */
  readonly found: Readonly<Record<string, unknown>>
  /** Reasons, by the name of the part that failed. */
  readonly gaps: Readonly<Record<string, string>>
}

export type GathererOptions = {
  readonly name: string
  readonly takes: MessageDefinition
  readonly gives: MessageDefinition
  readonly asks: readonly MessageDefinition[]
  readonly hears: readonly MessageDefinition[]
  readonly parts: (request: never) => readonly Part[]
  readonly compose: (gathered: Gathered) => unknown
  /** Parts that have to be there before it answers: all of them, unless given. */
  readonly enough?: (parts: number) => number
}

type GathererContext = AgentContext & Gathered & { readonly wanted: number }

export function gatherer(options: GathererOptions): Role {
  const { name, takes, gives, asks, hears, parts, compose, enough = (all) => all } = options
  const countOf = ({ found, gaps }: GathererContext) => Object.keys({ ...found, ...gaps }).length
  const machine = roleSetup<GathererContext, MessageDefinition, MessageDefinition>([]).createMachine({
    id: name,
    context: ({ input }) => ({ ...newAgent(input), request: null, wanted: 0, found: {}, gaps: {} }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          [takes.type]: {
            target: 'gathering',
            actions: [
              assign(({ event }) => ({
                request: bodyOf(event),
                wanted: enough(parts(bodyOf(event) as never).length),
              })),
              enqueueActions(({ enqueue, event }) => {
                for (const { role, name: conversation, message, body, timeoutMs } of parts(
                  bodyOf(event) as never,
                )) {
                  enqueue.emit({
                    ...{ type: message.type, body, to: { role, conversation } },
                    ...(timeoutMs !== undefined && { timeoutMs }),
                  })
                }
              }),
            ],
          },
        },
      },
      gathering: {
        always: { guard: ({ context }) => countOf(context) >= context.wanted, target: 'answered' },
        on: Object.fromEntries([
          ...hears.map(({ type }) => [
            type,
            {
              actions: assign(({ context, event }: { context: GathererContext; event: unknown }) => ({
                found: { ...context.found, [partOf(event)]: bodyOf(event) },
              })),
            },
          ]),
          [
            'failure',
            {
              actions: assign(({ context, event }: { context: GathererContext; event: unknown }) => ({
                gaps: { ...context.gaps, [partOf(event)]: (event as FailureEvent).body.reason },
              })),
            },
          ],
        ]) as Record<never, never>,
      },
      answered: {
        type: 'final',
        entry: enqueueActions(({ enqueue, context }) => {
          enqueue.emit({ type: gives.type, body: compose(context) } as never)
        }),
      },
    },
  })
  return defineRole({
    ...{ name, description: 'hands out parts and gathers them', instructions: '', answers: [gives] },
    ...{ accepts: [takes, ...hears], sends: asks, machine: machine as unknown as AnyStateMachine },
  })
}

const bodyOf = (event: unknown) => (event as Incoming<MessageDefinition>).body

/** Whose answer it is. A failure that nobody sent, since no answer came in time, names the message that it is of. */
function partOf(event: unknown): string {
  const { from, body } = event as FailureEvent
  return nameOf(from?.conversation ?? partsOf(body.of!).to)
}
