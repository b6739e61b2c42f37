/**
 * The streams that an installation lives in, made by whoever comes first. One that exists is used as it is, whatever
 * its settings: a process that starts with other options must not change the bus under those that run.
 */
import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { sleep } from '../../time/clock.ts'
import type { Connection } from './connection.ts'
import { API, apiCode } from './failures.ts'
import type { Subjects } from './subjects.ts'

export type StreamSettings = {
  readonly dedupWindowMs: number
  readonly mailboxCapacity: number
  readonly leaseTtlMs: number
}

type Config = Pick<StreamConfig, 'name' | 'subjects'> & Partial<StreamConfig>

/** Mail: a work queue; what is acknowledged is gone, and each mailbox is bounded by itself. */
export const mailStream = (subjects: Subjects, settings: StreamSettings): Config => ({
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
export const recordStream = (subjects: Subjects): Config => ({
  name: subjects.recordStream,
  subjects: [subjects.records.all],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  allow_direct: false,
})

/** Leases: the last message of each key is its holder's, and dies of age. */
export const leaseStream = (subjects: Subjects, settings: StreamSettings): Config => ({
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

/** The stream as it is, made if nobody did. @throws UnavailableError */
export function ensureStream(
  connection: Connection,
  { streams }: JetStreamManager,
  config: Config,
): Promise<StreamConfig> {
  return makeTogether(connection, `the making of the stream ${config.name}`, async () => {
    try {
      return (await streams.info(config.name)).config
    } catch (error) {
      if (apiCode(error) !== API.streamNotFound) throw error
      return (await streams.add(config)).config
    }
  })
}

/** While one process makes a stream, the server refuses another that makes the same, for a moment. */
const ATTEMPTS = 10
const PAUSE_MS = 50

/** Looks for a stream or makes it, where any number of processes may do so at once. */
export async function makeTogether<T>(
  connection: Connection,
  what: string,
  findOrMake: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connection.read(what, findOrMake)
    } catch (error) {
      const code = apiCode(error instanceof Error ? error.cause : undefined)
      const meanwhile = code === API.streamNameInUse || code === API.subjectsOverlap
      if (!meanwhile || attempt === ATTEMPTS) throw error
      await sleep(connection.clock, PAUSE_MS)
    }
  }
}
