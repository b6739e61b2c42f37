/**
 * The way of a message: the mailbox that it ends in, and what it passes through first. A turn asks nobody, so the ways
 * of what it sends are part of what it is given, and stand in its record: publishing again never chooses another.
 */
import { z } from 'zod'
import type { Address } from '../../protocols/address.ts'
import type { Message } from '../../protocols/envelope.ts'
import { type ConversationId, type MessageId, peerIdSchema, roleNameSchema } from '../../protocols/ids.ts'
import type { Frame } from '../bus/frame.ts'
import type { Mailbox } from '../bus/mailboxes.ts'
import type { RunRecord } from '../run/run-record.ts'

export const mailboxSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('role'), role: roleNameSchema }),
  z.object({ kind: z.literal('peer'), peer: peerIdSchema }),
  z.object({ kind: z.literal('desk'), peer: peerIdSchema }),
])

export const viaSchema = z.discriminatedUnion('kind', [
  /** A peer that passes it on. */
  z.object({ kind: z.literal('peer'), peer: peerIdSchema }),
  /** The blackboard of the run, from which somebody of the role takes it. */
  z.object({ kind: z.literal('board') }),
])
export type Via = z.infer<typeof viaSchema>

export type OpenWay = { readonly mailbox: Mailbox; readonly via?: Via }
/** `barred`: why it may not be sent. */
export type Way = OpenWay | { readonly barred: string }
export type Ways = ReadonlyMap<MessageId, Way>

/** A message that somebody is about to send: whose it is, and the mailbox that it would go to by itself. */
export type Wanted = {
  readonly message: Pick<Message, 'id' | 'type' | 'to' | 'correlation' | 'from'>
  readonly mailbox: Mailbox
}

/** A frame on its way through this process. */
export type Passing = {
  readonly conversation: ConversationId
  /** Where it shall end. */
  readonly to: Mailbox
  /** The peers that it came through, oldest first. */
  readonly through: readonly string[]
}

/** Where work of a run lies until somebody of its role claims it. */
export interface Board {
  /** Puts a message there, or to whoever has claimed its conversation. @throws UnavailableError, AmbiguousError */
  post(to: Address, id: MessageId, frame: Frame): Promise<void>
}

/** What a topology says of messages. A host without one sends them where they would go by themselves. */
export interface Routing {
  /** Whether it has anything to say of a run: it has not where everybody talks to everybody. */
  applies(run: RunRecord | undefined): run is RunRecord
  /** The ways of what this peer wants to send. @throws UnavailableError, AmbiguousError */
  ways(run: RunRecord, wanted: readonly Wanted[]): Promise<Ways>
  /**
   * Where a frame goes that came to this peer on its way: to the peer's own desk, where it is work for it.
   * @param hasRoom whether this peer could begin with it now
   * @throws UnavailableError, AmbiguousError
   */
  pass(run: RunRecord, passing: Passing, hasRoom: boolean): Promise<Way>
  /** Why a message that came straight from a peer may not have, or undefined. */
  forbids(run: RunRecord, from: { readonly peer: string; readonly role: string }): string | undefined
}
