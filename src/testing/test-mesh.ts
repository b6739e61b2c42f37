/** What a test has of a mesh: the words to begin with it, to let time pass, and to look at what came of it. */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import type { RunId } from '../../protocols/ids.ts'
import type { RunTrace } from '../../traces/testing.ts'
import type { Log } from '../log.ts'
import type { Model } from '../model/model.ts'
import type { Decision, Wait } from '../people/wait.ts'
import type { Role } from '../role/define.ts'
import type { Topology } from '../topology/topology.ts'
import type { ToolDouble, ToolRun } from './acting.ts'
import type { MeshFault, PeerFault } from './fault.ts'
import type { MessageName, MessageNamed, TestMessage } from './messages.ts'
import type { Strike } from './misfortune.ts'
import type { ConversationState } from './state.ts'
import type { AskOptions, Reply, RunOutcome, RunRequest } from './test-run.ts'
import type { Files } from './trees.ts'

export type TestMeshOptions = {
  /** One peer of each, or as many as it says. */
  readonly roles: readonly (Role | { readonly role: Role; readonly count: number })[]
  /** A model for all roles, or by role; a role without one goes by its offline policy. */
  readonly model?: Model | Readonly<Record<string, Model>>
  /** Tools by name, in place of those that the roles have: what they give, from their input. */
  readonly tools?: Readonly<Record<string, ToolDouble>>
  readonly faults?: readonly MeshFault[]
  /** Of all chance; 1 unless given. */
  readonly seed?: number
  /** How its agents are wired: everybody with everybody unless given. */
  readonly topology?: Topology
  readonly documents?: Files
  readonly workspace?: Files
  /** Virtual milliseconds that a test waits for a run; 600,000 unless given. */
  readonly patienceMs?: number
  /** Real milliseconds that a tool or a model may take for what is no virtual time; 4,000 unless given. */
  readonly realTimeMs?: number
  readonly log?: Log
}

/** A run that was begun. */
export type TestRun = {
  readonly run: RunId
  /** Lets time pass until it is over. @throws TestingError `testing.patience`, `testing.real-time`; ModelError `model.script` */
  end(): Promise<RunOutcome>
}

export interface TestMesh {
  /** Sends a role a message and waits for what comes back: the answer, or a `failure`. @throws as `run` */
  ask<Message extends MessageDefinition>(
    to: string,
    message: Message,
    body: z.input<Message['body']>,
    options?: AskOptions,
  ): Promise<Reply>
  /**
   * A run that begins with this message, to its end.
   * @throws TestingError `testing.role`, `testing.answers` for what cannot be sent; `testing.patience` with who waits
   * for what, where it is not over in time; ModelError `model.script` where a scripted model was asked what it does not
   * expect
   */
  run<Message extends MessageDefinition>(request: RunRequest<Message>): Promise<RunOutcome>
  /** Begins it, and lets no time pass. @throws as `run`, for what cannot be sent */
  send<Message extends MessageDefinition>(request: RunRequest<Message>): Promise<TestRun>
  /** Lets so many virtual milliseconds pass. */
  advance(ms: number): Promise<void>
  /** Lets everything happen that takes no time. */
  settle(): Promise<void>
  /** Virtual milliseconds since the mesh was there. */
  elapsed(): number
  /** All that was said, in order; without what only keeps accounts. */
  readonly messages: readonly TestMessage[]
  /** Those of a type. @param name a type, or its definition: then their bodies have its type */
  messagesOf<Name extends MessageName>(name: Name): readonly MessageNamed<Name>[]
  /** The only one of a type. @throws TestingError `testing.message` with what was sent instead */
  onlyMessage<Name extends MessageName>(name: Name): MessageNamed<Name>
  /** `clerk → reader  desk.lookup`, a line each message: for snapshots. */
  readonly lines: readonly string[]
  /** The latest conversation of that name. @throws TestingError `testing.conversation` */
  stateOf(conversation: string): ConversationState
  /** Every run of a tool. */
  readonly toolRuns: readonly ToolRun[]
  /** The trace of a run, of the last one unless given. */
  trace(run?: RunId): Promise<RunTrace>
  /**
   * What the work that a run, the last one unless given, handed over changes in the workspace: a unified diff, empty
   * where that is nothing.
   */
  patch(run?: RunId): Promise<string>
  /** Faults that have struck. */
  readonly strikes: readonly Strike[]
  /** Befalls a peer, or the first of a role, now. @throws TestingError `testing.peer` where nobody is that */
  strike(fault: PeerFault): void
  /** What waits for a person. */
  waits(): Promise<readonly Wait[]>
  /** Decides the one thing that waits, or the wait that is given. @throws TestingError `testing.wait`; DecisionError */
  decide(verdict: Decision['verdict'], options?: DecideOptions): Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type DecideOptions = {
  /** The answer, a reason, or a note. */
  readonly text?: string
  /** Who it is: `test` unless given. */
  readonly by?: string
  readonly wait?: Wait
}
