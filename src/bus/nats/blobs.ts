/**
 * Blobs: an Object Store whose objects are named by their SHA-256. What has such a name never changes, so a put finds
 * it there or makes it, and of several at once one makes it.
 *
 * The chunks are read one by one from the stream behind the store. The client's own `get` leaves a consumer on the
 * server each time, for five minutes, and waits for ever for a chunk that does not come.
 */
import { createHash } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { Objm, StorageType } from '@nats-io/obj'
import { InvalidError } from '../../../protocols/errors.ts'
import { type BlobHash, blobHashSchema } from '../../../protocols/ids.ts'
import type { Blobs } from '../blobs.ts'
import type { Connection } from './connection.ts'
import { API, apiCode } from './failures.ts'
import { makeTogether } from './streams.ts'
import type { Subjects } from './subjects.ts'

export type BlobsOver = {
  readonly connection: Connection
  readonly client: JetStreamClient
  readonly jetStream: JetStreamManager
  readonly subjects: Subjects
}

export async function natsBlobs({ connection, client, jetStream, subjects }: BlobsOver): Promise<Blobs> {
  const bucket = subjects.blobBucket
  const objects = await makeTogether(connection, `the making of the object store "${bucket}"`, () =>
    new Objm(client).create(bucket, { storage: StorageType.File }),
  )

  async function read(nuid: string, chunks: number, size: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(size)
    const subject = `$O.${bucket}.C.${nuid}`
    let filled = 0
    for (let chunk = 0, seq = 1; chunk < chunks; chunk++) {
      // By the subject's index where it is the only one; the next after a sequence is found by looking through.
      const query = chunks === 1 ? { last_by_subj: subject } : { seq, next_by_subj: subject }
      const message = await jetStream.streams.getMessage(`OBJ_${bucket}`, query)
      if (message === null || filled + message.data.length > size) break
      bytes.set(message.data, filled)
      filled += message.data.length
      seq = message.seq + 1
    }
    return bytes.subarray(0, filled)
  }

  return {
    put(bytes) {
      const hash = sha256(bytes)
      return connection.write(`the blob ${hash}`, async () => {
        const there = await objects.info(hash)
        if (there !== null && !there.deleted) return hash
        try {
          await objects.putBlob({ name: hash }, bytes, {
            previousRevision: there?.revision ?? 0,
            timeout: connection.requestTimeoutMs,
          })
        } catch (error) {
          // Somebody else has just put the same.
          if (apiCode(error) !== API.wrongLastSequence) throw error
        }
        return hash
      })
    },

    get(hash) {
      return connection.read(`the blob ${hash}`, async () => {
        const there = await objects.info(hash)
        if (there === null || there.deleted) return undefined
        const bytes = await read(there.nuid, there.chunks, there.size)
        if (sha256(bytes) === hash) return bytes
        throw new InvalidError('blob', `the blob ${hash} is damaged: what the store holds has another hash`)
      })
    },
  }
}

const sha256 = (bytes: Uint8Array): BlobHash =>
  blobHashSchema.parse(createHash('sha256').update(bytes).digest('hex'))
