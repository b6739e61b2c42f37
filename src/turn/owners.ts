/**
 * Who owns which conversations, as the journal says: one watch of the records for all the peers of a process. A host
 * follows it for what it has to take over, and its process for peers that nobody hosts any more.
 */
import { type ConversationId, type PeerId, type RoleName, type RunId, runOf } from '../../protocols/ids.ts'
import type { RecordEntry, RecordKey, Records, RecordWatch } from '../bus/records.ts'
import type { Log } from '../log.ts'
import { type ConversationRecord, recordKey, recordSchema } from './record.ts'

/** What a peer owns: conversations with something pending, and the versions of the machine that wrote them. */
export type Estate = {
  readonly role: RoleName
  readonly conversations: ReadonlyMap<ConversationId, { readonly version: number }>
}

/** A commit that leaves a conversation with a peer. */
export type Ownership = { readonly conversation: ConversationId; readonly revision: number }

export interface Owners {
  /** Resolves when the watch is in force. */
  start(): Promise<void>
  /** What each peer owns now. */
  estates(): ReadonlyMap<PeerId, Estate>
  /** Tells what the peer owns already, and every commit that makes or leaves it the owner. Returns how to stop. */
  follow(peer: PeerId, tell: (owned: Ownership) => void): () => void
  /**
   * Whether the peer owns something: what was purged meanwhile, of which no watch tells, is looked up and forgotten.
   * @throws UnavailableError
   */
  confirm(peer: PeerId): Promise<boolean>
  /** A run is over: what it left is nobody's any more, and nothing is done about it. */
  forget(run: RunId): void
  stop(): Promise<void>
}

type Head = Pick<ConversationRecord, 'conversation' | 'role' | 'owner'> & { readonly version: number }

/** @param prefix of the records that count: all conversations, unless given */
export function watchOwners(records: Records, log: Log, prefix: RecordKey = 'conversation'): Owners {
  const owned = new Map<ConversationId, { readonly head: Head; readonly revision: number }>()
  const estates = new Map<
    PeerId,
    { readonly role: RoleName; readonly conversations: Map<ConversationId, Head> }
  >()
  const over = new Set<RunId>()
  const followers = new Map<PeerId, Set<(owned: Ownership) => void>>()
  let watch: RecordWatch | undefined
  let watching: Promise<void> = Promise.resolve()

  function disown(conversation: ConversationId): void {
    const owner = owned.get(conversation)?.head.owner
    owned.delete(conversation)
    if (!owner) return
    const estate = estates.get(owner)
    estate?.conversations.delete(conversation)
    if (estate?.conversations.size === 0) estates.delete(owner)
  }

  function note(entry: RecordEntry): void {
    const { revision } = entry
    let head: Head
    try {
      head = headOf(entry.value)
    } catch (error) {
      log.error('a record could not be read and is left alone', { key: entry.key, error: String(error) })
      return
    }
    const { conversation, owner, role } = head
    disown(conversation)
    if (owner === null || over.has(runOf(conversation))) return
    owned.set(conversation, { head, revision })
    const estate = estates.get(owner) ?? { role, conversations: new Map() }
    estates.set(owner, estate)
    estate.conversations.set(conversation, head)
    for (const tell of followers.get(owner) ?? []) tell({ conversation, revision })
  }

  async function run(entries: RecordWatch): Promise<void> {
    for await (const entry of entries) note(entry)
  }

  return {
    async start() {
      watch = await records.watch(prefix)
      watching = run(watch).catch((error) =>
        log.error('the watch of the records broke off', { error: String(error) }),
      )
    },
    estates: () => estates,
    follow(peer, tell) {
      const tells = followers.get(peer) ?? new Set()
      followers.set(peer, tells)
      tells.add(tell)
      for (const conversation of estates.get(peer)?.conversations.keys() ?? [])
        tell({ conversation, revision: owned.get(conversation)!.revision })
      return () => {
        tells.delete(tell)
        if (tells.size === 0) followers.delete(peer)
      }
    },
    async confirm(peer) {
      for (const conversation of [...(estates.get(peer)?.conversations.keys() ?? [])]) {
        if ((await records.read(recordKey(conversation))) === undefined) disown(conversation)
      }
      return estates.has(peer)
    },
    forget(run) {
      over.add(run)
      for (const conversation of owned.keys()) if (runOf(conversation) === run) disown(conversation)
    },
    async stop() {
      watch?.close()
      await watching
    },
  }
}

/** Bytes of a record in which its head stands, as `encodeRecord` writes it. */
const HEAD_BYTES = 1_024
const HEAD =
  /^{"format":[12],"conversation":"([^"]+)","run":"[^"]+","role":"([^"]+)","machine":{"name":"[^"]*","version":(\d+)},"owner":(?:null|"([^"]+)"),/
const decoder = new TextDecoder()

const headSchema = recordSchema.pick({ conversation: true, role: true, owner: true, machine: true })

/** Reads the head only, where it stands as we write it: every commit of everybody comes by here. */
function headOf(value: Uint8Array): Head {
  const found = HEAD.exec(decoder.decode(value.subarray(0, HEAD_BYTES)))
  if (found === null) {
    const { machine, ...head } = headSchema.parse(JSON.parse(decoder.decode(value)))
    return { ...head, version: machine.version }
  }
  const [, conversation, role, version, owner = null] = found
  return {
    conversation: conversation as ConversationId,
    role: role as RoleName,
    version: Number(version),
    owner: owner as PeerId | null,
  }
}
