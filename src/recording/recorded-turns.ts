/**
 * From the journal of a run to its recorded turns. Nothing is written while a run goes on: what was asked and what came
 * of it stands in its journal, whoever hosted what, and whoever died on the way.
 */
import { type ConversationId, conversationId, type MessageId, partsOf, runOf } from '../../protocols/ids.ts'
import { digestOf } from '../../traces/digest.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { TranscriptEntry } from '../model/model.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { ChatInput } from '../role/setup.ts'
import { wholeTranscript } from '../role/transcript.ts'
import { BY_HOST } from '../run/summary.ts'
import type { ConversationRecord, Effect } from '../turn/record.ts'
import type { Asked, RecordedTurn } from './recording.ts'
import { RecordingError } from './recording-error.ts'

export type RecordedTurns = {
  readonly turns: readonly RecordedTurn[]
  readonly entries: ReadonlyMap<string, TranscriptEntry>
  readonly unreplayable: string | null
}

/** The conversation that a run's first message comes from; nobody has it. */
const SUBMIT = 'submit'

/**
 * @param journal every commit of the run, oldest first
 * @throws RecordingError `recording.old-peer`; SkeinError `role.transcript-lost`
 */
export async function recordedTurns(
  journal: readonly ConversationRecord[],
  blobs: Blobs,
): Promise<RecordedTurns> {
  const entries = new Map<string, TranscriptEntry>()
  const last = new Map<ConversationId, ConversationRecord>()
  /** The record that an effect was last started from, by its name and its conversation. */
  const starts = new Map<string, { readonly effect: Effect; readonly from: ConversationRecord }>()
  const sent = new Set<MessageId>()
  /** Stake of conversations that the end of the run closed: a replay's origin hears of it when it ends. */
  const returned = new Set<MessageId>()
  const turns: RecordedTurn[] = []
  let unreplayable: string | null = null
  let at = 0

  const keyOf = ({ conversation }: ConversationRecord, name: string) => `${conversation} ${name}`

  async function askedBy({ effect, from }: { effect: Effect; from: ConversationRecord }, prompt: unknown) {
    if (effect.src !== 'chat') return { kind: 'effect', src: effect.src, input: effect.input } satisfies Asked
    const given = (effect.input as ChatInput).transcript
    const transcript = given ?? (await wholeTranscript(from.snapshot!.context as AgentContext, blobs))
    const digests = transcript.map((entry) => {
      const digest = digestOf(entry)
      entries.set(digest, entry)
      return digest
    })
    return { kind: 'chat', prompt: (prompt as never) ?? null, transcript: digests } satisfies Asked
  }

  for (const record of journal) {
    const { conversation, took } = record
    const before = last.get(conversation)
    last.set(conversation, record)
    if (!BY_HOST.has(took.event) && !returned.has(took.id as MessageId)) {
      const { event, id, input, call, barred, unsent, limit } = took
      if (input === undefined) throw oldPeer(record)
      const started = input.kind === 'outcome' ? starts.get(keyOf(record, id!)) : undefined
      const effect = before?.effects.find(({ name }) => name === id)
      const span = record.spans.find(({ spanId }) => spanId === effect?.spanId)
      at = Math.max(at, record.at)
      unreplayable ??= whyNot(record, sent)
      turns.push({
        ...{ kind: 'turn', conversation, turn: record.turn, role: record.role, peer: record.by.peer, at },
        ...{ event, id, input },
        ...(started && { asked: await askedBy(started, call?.prompt) }),
        ...(call && { call }),
        ...(span && { attributes: span.attributes as RecordedTurn['attributes'] }),
        sent: record.outbox.map(({ message: { id, type, to, body } }) => ({
          ...{ id, type, body },
          to: { role: to.role, conversation: to.conversation },
        })),
        ...(barred && { barred }),
        ...(unsent && { unsent }),
        ...(limit && { limit }),
      })
    }
    for (const { message } of record.outbox) {
      sent.add(message.id)
      if (took.event === 'ended') returned.add(message.id)
    }
    for (const effect of record.effects) {
      const known = starts.get(keyOf(record, effect.name))
      if (known?.effect.attempt !== effect.attempt)
        starts.set(keyOf(record, effect.name), { effect, from: record })
    }
  }
  return { turns, entries, unreplayable }
}

/** What a replay cannot bring about again: what nobody of the run said stands nowhere in its journal. */
function whyNot({ conversation, took }: ConversationRecord, sent: ReadonlySet<MessageId>): string | null {
  const { input, id } = took
  if (input?.kind !== 'message' && input?.kind !== 'given-up') return null
  const message = id as MessageId
  const isFirst = partsOf(message).from === conversationId(runOf(conversation), SUBMIT)
  return isFirst || sent.has(message) ? null : `${conversation} took "${message}", which came from outside`
}

const oldPeer = ({ by, conversation }: ConversationRecord) =>
  new RecordingError(
    'old-peer',
    `"${by.peer}" on ${by.host} has a version of skein that does not say what its turns took (in ${conversation}): start it anew, and record again`,
  )
