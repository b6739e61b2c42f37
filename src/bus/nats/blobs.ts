/**
 * Blobs: an Object Store whose objects are named by their SHA-256. What has such a name never changes, so a put finds
 * it there or makes it, and of several at once one makes it.
 *
 * 1. An object is there as long as its description is: the description is stored after the chunks, and removed before
 *    them. Who dies in between leaves chunks that nobody finds.
 * 2. A description is removed by its sequence, and so only if nobody has renewed it since it was looked at.
 *
 * What is read, is read one by one from the leader of the stream behind the store. The client's own `get` and `list`
 * leave a consumer on the server each time, for five minutes, and wait for ever for what does not come.
 */
import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { Objm } from '@nats-io/obj'
import { headers } from '@nats-io/transport-node'
import { z } from 'zod'
import { InvalidError } from '../../../protocols/errors.ts'
import { type BlobHash, blobHashSchema } from '../../../protocols/ids.ts'
import { hashOf } from '../blob-hashes.ts'
import type { BlobStore } from '../blobs.ts'
import type { Connection } from './connection.ts'
import { API, apiCode } from './failures.ts'
import { lastMessagesIn } from './last-messages.ts'
import { messageRemover } from './remove-message.ts'
import type { Store } from './store.ts'
import type { Subjects } from './subjects.ts'

export type BlobsOver = {
  readonly connection: Connection
  readonly client: JetStreamClient
  readonly jetStream: JetStreamManager
  readonly store: Store
  readonly subjects: Subjects
}

/** What the Object Store keeps of an object, and we need. */
const descriptionSchema = z.object({
  name: blobHashSchema,
  nuid: z.string(),
  size: z.int().nonnegative(),
  chunks: z.int().nonnegative(),
  deleted: z.boolean().optional(),
})
type Description = z.infer<typeof descriptionSchema> & { readonly message: StoredMsg }

/** A put makes a blob young again that is older than this: who cleans up by age must not take what is in use. */
const YOUNG_MS = 3_600_000

export async function natsBlobs(over: BlobsOver): Promise<BlobStore> {
  const { connection, client, jetStream, store, subjects } = over
  const bucket = subjects.blobBucket
  const stream = `OBJ_${bucket}`
  const objects = await connection.read(`the look at the object store "${bucket}"`, () =>
    new Objm(client).open(bucket, false),
  )
  const last = lastMessagesIn(stream, connection, jetStream)
  const removeMessage = messageRemover(stream, connection, jetStream)
  const chunksOf = ({ nuid }: Description) => `$O.${bucket}.C.${nuid}`

  async function describe(hash: BlobHash): Promise<Description | undefined> {
    const message = await last.of(`$O.${bucket}.M.${base64(hash)}`)
    return message && descriptionIn(message)
  }

  /** False if somebody else has just put or removed it. */
  async function make(hash: BlobHash, bytes: Uint8Array, previousRevision: number): Promise<boolean> {
    try {
      const timeout = connection.requestTimeoutMs
      await objects.putBlob({ name: hash }, bytes, { previousRevision, timeout })
      return true
    } catch (error) {
      const code = apiCode(error)
      if (code === API.wrongLastSequence || code === API.wrongLastSequenceUnknown) return false
      throw error
    }
  }

  /** Stores the description once more. False if somebody else has just renewed or removed it. */
  async function renew({ name, message }: Description): Promise<boolean> {
    const replacing = headers()
    replacing.set('Nats-Rollup', 'sub')
    const { kind } = await store({
      what: `the renewal of the blob ${name}`,
      subject: message.subject,
      body: message.data,
      headers: replacing,
      expected: message.seq,
    })
    return kind === 'stored'
  }

  async function read(there: Description): Promise<Uint8Array> {
    const { chunks, size } = there
    const bytes = new Uint8Array(size)
    const subject = chunksOf(there)
    let filled = 0
    for (let chunk = 0, seq = 1; chunk < chunks; chunk++) {
      // By the subject's index where it is the only one; the next after a sequence is found by looking through.
      const query = chunks === 1 ? { last_by_subj: subject } : { seq, next_by_subj: subject }
      const message = await jetStream.streams.getMessage(stream, query)
      if (message === null || filled + message.data.length > size) break
      bytes.set(message.data, filled)
      filled += message.data.length
      seq = message.seq + 1
    }
    return bytes.subarray(0, filled)
  }

  return {
    put(bytes) {
      const hash = hashOf(bytes)
      return connection.write(`the blob ${hash}`, async () => {
        for (;;) {
          const there = await describe(hash)
          if (there === undefined || there.deleted) {
            if (await make(hash, bytes, there?.message.seq ?? 0)) return hash
          } else if (isYoung(there.message, connection) || (await renew(there))) return hash
        }
      })
    },

    get(hash) {
      return connection.read(`the blob ${hash}`, async () => {
        const there = await describe(hash)
        if (there === undefined || there.deleted) return undefined
        const bytes = await read(there)
        if (hashOf(bytes) === hash) return bytes
        if ((await describe(hash))?.nuid !== there.nuid) return undefined // removed meanwhile
        throw new InvalidError('blob', `the blob ${hash} is damaged: what the store holds has another hash`)
      })
    },

    async list() {
      const messages = await last.matching(`$O.${bucket}.M.>`)
      return messages.flatMap((message) => {
        const there = descriptionIn(message)
        if (there === undefined || there.deleted) return []
        return [{ hash: there.name, bytes: there.size, storedAt: message.time.getTime() }]
      })
    },

    async remove(hash) {
      const what = `the removal of the blob ${hash}`
      const there = await describe(hash)
      if (there === undefined || !(await removeMessage(what, there.message.seq))) return // 2
      await connection.write(what, () => jetStream.streams.purge(stream, { filter: chunksOf(there) })) // 1
    },
  }
}

/** Undefined for what is no object of ours. */
function descriptionIn(message: StoredMsg): Description | undefined {
  const { success, data } = descriptionSchema.safeParse(message.json())
  return success ? { ...data, message } : undefined
}

const isYoung = ({ time }: StoredMsg, { clock }: Connection) => clock.now() - time.getTime() < YOUNG_MS

/** As the Object Store writes names: for URLs, with padding. */
const base64 = (name: string) =>
  Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
