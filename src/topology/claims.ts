/**
 * Who has a conversation, where that is decided once for all of its messages: by an award, by the hub, or by whoever
 * claims it on the blackboard. One record for each, changed by compare-and-set.
 *
 * C1 Of a conversation there is one claim; whoever comes second to it finds the first.
 * C2 A claim of a peer that is gone may be replaced.
 * C3 A message on the blackboard lies in the record until it is in a mailbox: whoever claims it puts it on his own desk
 *    first, and then takes it from the record.
 * C4 What is too large for the record goes to the mailbox of its role: its sender has committed it, and could do
 *    nothing else before it is gone.
 * C5 Whoever finds that others write it all the time gives up, at the latest at the deadline of what he sends, and is
 *    tried again from outside: nothing is lost by it, since the message stands in its sender's record.
 */
import { z } from 'zod'
import type { Address } from '../../protocols/address.ts'
import { HEADER } from '../../protocols/envelope.ts'
import {
  type ConversationId,
  conversationIdSchema,
  type MessageId,
  messageIdSchema,
  nameOf,
  type PeerId,
  peerIdSchema,
  type RoleName,
  type RunId,
  roleNameSchema,
  runOf,
} from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import { ConflictError, TooLargeError } from '../bus/errors.ts'
import type { Frame } from '../bus/frame.ts'
import type { Mailboxes } from '../bus/mailboxes.ts'
import type { RecordEntry, RecordKey, Records } from '../bus/records.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { contention } from '../turn/contention.ts'
import type { Board } from '../turn/way.ts'
import type { View } from './view.ts'

const claimSchema = z.object({
  format: z.literal(1),
  conversation: conversationIdSchema,
  role: roleNameSchema,
  /** Who has it; null while it lies on the blackboard for anybody. */
  peer: peerIdSchema.nullable(),
  /** Messages that lie here still; their bodies in base64. */
  frames: z.array(
    z.object({ id: messageIdSchema, headers: z.record(z.string(), z.string()), body: z.string() }),
  ),
  /** When it was first put here, in milliseconds since 1970. */
  at: z.number(),
})
export type Claim = z.infer<typeof claimSchema>

export const CLAIM = 'claim'
export const claimKey = (conversation: ConversationId): RecordKey =>
  `${CLAIM}.${runOf(conversation)}.${nameOf(conversation)}`
export const claimsOf = (run: RunId): RecordKey => `${CLAIM}.${run}`

export interface Claims extends Board {
  /**
   * Whose it is from now on: the choice, unless somebody has it already (C1, C2).
   * @param deadline of the run that it is for
   * @throws UnavailableError (C5), AmbiguousError
   */
  assign(
    conversation: ConversationId,
    role: RoleName,
    choose: () => Promise<PeerId | undefined>,
    deadline: number,
  ): Promise<PeerId | undefined>
  /** Tries to claim what lies on the blackboard. False where somebody else was faster. */
  take(entry: RecordEntry, claim: Claim, peer: PeerId): Promise<boolean>
}

export type ClaimsOptions = {
  readonly records: Records
  readonly mailboxes: Pick<Mailboxes, 'put'>
  readonly view: View
  readonly clock: Clock
  readonly random: Random
}

/** Writes in a row that may be lost to others, and the pauses between them. */
const TRIES = 40
const PAUSE_MS = { first: 5, longest: 500 }

export function createClaims({ records, mailboxes, view, clock, random }: ClaimsOptions): Claims {
  const contended = (conversation: ConversationId, deadline: number) =>
    contention({
      what: `the claim of "${conversation}"`,
      ...{ clock, random, tries: TRIES, pauseMs: PAUSE_MS, deadline },
    })

  const isThere = async (peer: PeerId): Promise<boolean> =>
    (await view.present()).some((one) => one.peer === peer && !one.adopted)

  async function read(conversation: ConversationId) {
    const entry = await records.read(claimKey(conversation))
    return { claim: entry && decodeClaim(entry.value), revision: entry?.revision ?? 0 }
  }

  /** The new revision; undefined where somebody else wrote meanwhile. */
  async function write(claim: Claim, revision: number): Promise<number | undefined> {
    try {
      return await records.append(
        claimKey(claim.conversation),
        encoder.encode(JSON.stringify(claim)),
        revision,
      )
    } catch (error) {
      if (error instanceof ConflictError) return undefined
      throw error
    }
  }

  const give = (peer: PeerId, frames: Claim['frames']) =>
    Promise.all(
      frames.map(({ id, headers, body }) =>
        mailboxes.put(
          { kind: 'desk', peer },
          { headers, body: Buffer.from(body, 'base64') },
          { dedup: `claimed>${id}>${peer}` },
        ),
      ),
    )

  return {
    async assign(conversation, role, choose, deadline) {
      for (const others = contended(conversation, deadline); ; await others.lost()) {
        const { claim, revision } = await read(conversation)
        if (claim?.peer != null && (await isThere(claim.peer))) return claim.peer
        const peer = await choose()
        if (peer === undefined) return undefined
        const next: Claim = { ...(claim ?? newClaim(conversation, role, clock.now())), peer }
        if ((await write(next, revision)) !== undefined) return peer
      }
    },
    async post({ conversation, role }: Address, id: MessageId, { headers, body }: Frame) {
      const frame = { id, headers: { ...headers }, body: Buffer.from(body).toString('base64') }
      const deadline = Number(headers[HEADER.deadline] ?? Number.POSITIVE_INFINITY)
      for (const others = contended(conversation, deadline); ; await others.lost()) {
        const { claim = newClaim(conversation, role, clock.now()), revision } = await read(conversation)
        if (claim.peer !== null && (await isThere(claim.peer))) {
          await give(claim.peer, [frame])
          return
        }
        if (claim.frames.some((lying) => lying.id === id)) return
        const next = { ...claim, peer: null, frames: [...claim.frames, frame] }
        try {
          if ((await write(next, revision)) !== undefined) return
        } catch (error) {
          if (!(error instanceof TooLargeError)) throw error
          // C4
          await mailboxes.put(
            { kind: 'role', role },
            { headers, body },
            { dedup: `large>${id}@${clock.now()}` },
          )
          return
        }
      }
    },
    async take(entry, claim, peer) {
      const taken = { ...claim, peer }
      const revision = await write(taken, entry.revision)
      if (revision === undefined) return false
      await give(peer, claim.frames)
      // Where somebody put more there meanwhile, he sees who has it (C3); what is put twice is one message.
      await write({ ...taken, frames: [] }, revision)
      return true
    },
  }
}

/** What lies on the blackboard of a run. What this version cannot read is left to those who can. */
export async function lyingOn(records: Records, run: RunId): Promise<readonly Frame[]> {
  const entries = await records.latest(claimsOf(run))
  return entries.flatMap(({ value }) =>
    framesIn(value).map(({ headers, body }) => ({ headers, body: Buffer.from(body, 'base64') })),
  )
}

function framesIn(value: Uint8Array): Claim['frames'] {
  try {
    return decodeClaim(value).frames
  } catch {
    return []
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const newClaim = (conversation: ConversationId, role: RoleName, at: number): Claim => ({
  ...{ format: 1, conversation, role, peer: null, frames: [], at },
})

/** @throws InvalidError `invalid.claim` */
export const decodeClaim = (value: Uint8Array): Claim =>
  parseAs(claimSchema, JSON.parse(decoder.decode(value)), 'claim', 'a claim')
