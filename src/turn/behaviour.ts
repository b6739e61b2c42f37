/** What a turn needs to know of a role: its machine, and what it may take and send. */

import type { Sender, Stop } from '../../protocols/address.ts'
import type { MessageDefinition } from '../../protocols/define.ts'
import type { ConversationId, MessageId, RoleName, RunId } from '../../protocols/ids.ts'
import { nameOf, runOf } from '../../protocols/ids.ts'
import type { Interpreter, MachineEvent } from './interpreter.ts'

/** What of a snapshot a new version of a machine has to understand. */
export type MachineState = { readonly value: unknown; readonly context: unknown }

/** The state of an earlier version as this version has it; throws where it has none. */
export type Migrate = (old: MachineState & { readonly version: number }) => MachineState

/** An effect as a machine asks for it, or as one that comes before. */
export type EffectRequest = { readonly src: string; readonly input: unknown }

/**
 * The effect that has to end well before this one starts, or undefined. Pure. It takes this one's place in the record:
 * its machine waits in the same state, and is told only if it fails.
 * @param approve tools whose calls need a person's approval in this run
 */
export type Gate = (request: EffectRequest, approve: readonly string[]) => EffectRequest | undefined

export interface Behaviour {
  readonly role: RoleName
  readonly description: string
  readonly machine: { readonly name: string; readonly version: number }
  readonly interpreter: Interpreter
  /** What an effect has to wait for first. */
  readonly gate?: Gate | undefined
  /** Reads the state of an earlier version. Pure. */
  readonly migrate?: Migrate | undefined
  /** By type. `failure` is always taken and always sent. */
  readonly accepts: ReadonlyMap<string, MessageDefinition>
  readonly sends: ReadonlyMap<string, MessageDefinition>
}

/** What a machine is created with. */
export type ConversationInput = {
  readonly run: RunId
  readonly conversation: ConversationId
  /** The conversation's name inside its run: a task's id, for work. */
  readonly name: string
  /** Where results go: for whoever writes routing slips, and for nobody else. */
  readonly wiring: Wiring
}

/** `peers`: straight to whoever waits for them; `hub`: to a supervisor, which hands them on. */
export type Wiring = 'peers' | 'hub'

export const inputOf = (conversation: ConversationId, wiring: Wiring = 'peers'): ConversationInput => ({
  run: runOf(conversation),
  conversation,
  name: nameOf(conversation),
  wiring,
})

/** A message as a machine gets it: an event with the message's type and body, and who sent it. */
export type Incoming<Definition> =
  Definition extends MessageDefinition<infer Type, infer Body>
    ? {
        readonly type: Type
        readonly body: Body['_zod']['output']
        readonly id: MessageId
        readonly from: Sender
        readonly correlation?: MessageId
      }
    : never

/** What a machine emits to send a message. */
export type Outgoing<Definition> =
  Definition extends MessageDefinition<infer Type, infer Body>
    ? { readonly type: Type; readonly body: Body['_zod']['output'] } & Addressing
    : never

/** What a machine may say of a message's way; the topology of the run (`Routing`) has the last word. */
export type Addressing = {
  /** Where it goes. Without it the message is an answer, and goes where the request's slip says. */
  readonly to?: Destination
  /** Which request it answers, where several are open: the oldest that it may answer, otherwise. */
  readonly answers?: MessageId
  /**
   * Where the answer to this goes, instead of back here. A stop with a `correlation` hands the request of that id
   * over: whoever gets this message owes its answer from now on.
   */
  readonly slip?: readonly Stop[]
  /**
   * A request of this conversation that is handed over, in place of a slip: whoever gets this message owes its answer
   * from now on, to whoever waits for it, however often the request was handed over before.
   */
  readonly handsOver?: MessageId
  /** How long to wait for the answer, in milliseconds: what is left of the deadline, otherwise. */
  readonly timeoutMs?: number
}

/** A conversation by its name inside the run: of any peer of the role, unless the peer is known. */
export type Destination = { readonly role: string; readonly conversation: string; readonly peer?: string }

export type OutgoingEvent = MachineEvent & Addressing & { readonly body: unknown }
