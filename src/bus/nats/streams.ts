/**
 * The streams that an installation lives in, made by whoever comes first. One that exists is used as it is, whatever
 * its settings: a process that starts with other options must not change the bus under those that run.
 */
import {
  DiscardPolicy,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { errors, nanos } from '@nats-io/transport-node'
import { sleep } from '../../time/clock.ts'
import { UnsupportedServerError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { API, apiCode } from './failures.ts'
import type { Subjects } from './subjects.ts'

export type StreamSettings = {
  readonly dedupWindowMs: number
  readonly mailboxCapacity: number
  readonly leaseTtlMs: number
}

export type StreamDefinition = Pick<StreamConfig, 'name' | 'subjects'> & Partial<StreamConfig>

/** Mail: a work queue; what is acknowledged is gone, and each subject is bounded by itself. */
export const mailStream = (subjects: Subjects, settings: StreamSettings): StreamDefinition => ({
  name: subjects.mailStream,
  subjects: [subjects.allMail],
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  discard_new_per_subject: true,
  max_msgs_per_subject: settings.mailboxCapacity,
  duplicate_window: nanos(settings.dedupWindowMs),
})

/** Records: kept until they are purged, and never read from a follower, which may lag. */
export const recordStream = (subjects: Subjects): StreamDefinition => ({
  name: subjects.recordStream,
  subjects: [subjects.records.all],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  allow_direct: false,
})

/** Leases: the last message of each key is its holder's, and dies of age. */
export const leaseStream = (subjects: Subjects, settings: StreamSettings): StreamDefinition => ({
  name: subjects.leaseStream,
  subjects: [subjects.leases.all],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  max_msgs_per_subject: 1,
  max_age: nanos(settings.leaseTtlMs),
  // The server accepts none that is longer than the age.
  duplicate_window: nanos(Math.min(settings.leaseTtlMs, settings.dedupWindowMs)),
  allow_direct: false,
})

/** As the client's own Object Store makes it, so that its tools can read it. */
export const blobStream = ({ blobBucket: bucket }: Subjects): StreamDefinition => ({
  name: `OBJ_${bucket}`,
  subjects: [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  allow_rollup_hdrs: true,
  allow_direct: true,
})

/** Of a request for a stream. A cluster says nothing to some while it makes that stream. */
const TIMEOUT_MS = 1_000
/** While somebody makes a stream, a server refuses another that makes the same, or is silent, for a moment. */
const ATTEMPTS = 10
const PAUSE_MS = 50

/**
 * The stream as it is, made if nobody did. Any number of processes may do so at once.
 * @throws UnavailableError, UnsupportedServerError
 */
export async function ensureStream(
  connection: Connection,
  definition: StreamDefinition,
): Promise<StreamConfig> {
  const { nats, shown, requestTimeoutMs, clock } = connection
  const timeout = Math.min(requestTimeoutMs, TIMEOUT_MS)
  const { streams } = await jetstreamManager(nats, { timeout, checkAPI: false })

  async function findOrMake(): Promise<StreamConfig> {
    try {
      return (await streams.info(definition.name)).config
    } catch (error) {
      if (apiCode(error) !== API.streamNotFound) throw error
      return (await streams.add(definition)).config
    }
  }

  for (let attempt = 1; ; attempt++) {
    try {
      return await connection.read(`the making of the stream ${definition.name}`, findOrMake)
    } catch (error) {
      const { cause } = error as Error
      if (apiCode(cause) === API.replicasNotSupported) {
        throw new UnsupportedServerError(
          `NATS at ${shown} is a single server and keeps no replicas: ask for 1, or start a cluster`,
          { cause },
        )
      }
      if (!isForNow(cause) || attempt === ATTEMPTS) throw error
      await sleep(clock, PAUSE_MS)
    }
  }
}

function isForNow(cause: unknown): boolean {
  const code = apiCode(cause)
  if (code === undefined) return cause instanceof errors.TimeoutError
  return [API.streamNameInUse, API.subjectsOverlap, API.clusterNotAvailable].some((one) => one === code)
}
