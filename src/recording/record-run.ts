/** The recording of a run that is over, from what it left on the bus. */
import { nameOf } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import { ORIGIN_CONVERSATION, originPeer } from '../run/origin-address.ts'
import type { RunEnd } from '../run/watch-run.ts'
import { readHead } from '../tools/head.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { recordedBlobs } from './recorded-blobs.ts'
import { recordedTurns } from './recorded-turns.ts'
import { RECORDING_FORMAT, type Recording, type RecordingHeader } from './recording.ts'
import { RecordingError } from './recording-error.ts'

export type RecordRunOptions = {
  readonly end: RunEnd
  readonly bus: Pick<Bus, 'blobs' | 'records'>
  /** Version of skein, for people. */
  readonly skein: string
  readonly now: number
}

/**
 * The bus must still hold what the run left there.
 * @throws RecordingError `recording.old-peer`, `recording.unreadable`; SkeinError `role.transcript-lost`; UnavailableError
 */
export async function recordRun({ end, bus, skein, now }: RecordRunOptions): Promise<Recording> {
  const { record, journal } = end
  const { turns, entries, unreplayable } = await recordedTurns(journal, bus.blobs)
  const first = firstOfOrigin(journal)
  const head = record.base === null ? undefined : await readHead(bus.records, record.run)
  const header: RecordingHeader = {
    ...{ kind: 'recording', format: RECORDING_FORMAT, skein, recordedAt: now },
    ...{ run: record.run, goal: record.goal, start: { ...record.start, body: first.start.body } },
    peers: peersOf(journal).filter(({ peer }) => peer !== originPeer(record.run)),
    ...{ base: record.base, documents: record.documents, workspace: record.workspace },
    head: head?.tree ?? null,
    ...(record.topology && { topology: record.topology }),
    ...(record.people && { people: record.people }),
    ...{ model: record.model, limits: record.limits, hops: first.hops, sampled: record.sampled },
    ...{ startedAt: record.startedAt, deadline: record.deadline },
    end: {
      outcome: record.outcome ?? 'failed',
      reason: record.reason,
      stopped: record.endingAt !== null,
    },
    unreplayable:
      unreplayable ?? (record.writtenOff === null ? null : 'something of it was lost and written off'),
  }
  const texts = (function* () {
    yield JSON.stringify(header)
    for (const commit of journal) yield JSON.stringify(commit)
  })()
  const blobs = await recordedBlobs(bus.blobs, texts, { base: record.base, except: record.documents })
  return { header, entries, turns, blobs }
}

/** What the run began with, as its origin heard it. */
function firstOfOrigin(journal: readonly ConversationRecord[]) {
  const first = journal.find(({ conversation }) => nameOf(conversation) === ORIGIN_CONVERSATION)
  const context = first?.snapshot?.context as { readonly start?: { readonly body: unknown } } | undefined
  if (context?.start) return { start: context.start, hops: first!.limits.hops }
  throw new RecordingError(
    'unreadable',
    'its journal does not say what the run began with: it ended before it began, or another version wrote it',
  )
}

function peersOf(journal: readonly ConversationRecord[]): RecordingHeader['peers'] {
  const peers = new Map(
    journal
      .filter(({ took }) => took.input !== undefined)
      .map(({ by: { peer }, role, machine }) => [peer, { peer, role, machine }]),
  )
  return [...peers.values()].sort((a, b) => (a.peer < b.peer ? -1 : 1))
}
