/**
 * A model that takes its time and slips now and then. What it slipped on is kept from the model behind it, which goes
 * on as one that was told what was wrong: so a run with slips comes to the same end as one without.
 */
import {
  type ChatChunk,
  type ChatRequest,
  type Model,
  ModelError,
  type TranscriptEntry,
} from '../model/model.ts'
import { type Clock, sleep } from '../time/clock.ts'
import type { Profile } from './profile.ts'
import { type Draws, pick, type Schedule } from './schedule.ts'

export type SlippingModelOptions = {
  readonly clock: Clock
  readonly draws: Draws
  readonly rates: Profile['models']
  readonly schedule: Schedule
  readonly stormy: () => boolean
  /** Sees every call, by the span of its effect. */
  readonly onCall: (traceparent: string | undefined) => void
}

type Kind = keyof Profile['models']
const KINDS: readonly Kind[] = ['slow', 'model-error', 'truncated', 'wrong-answer', 'unknown-tool']

/** Milliseconds that a call takes: usually, and when it is slow. */
const LATENCY_MS = { least: 200, most: 3_000 }
const SLOW_MS = { least: 10_000, most: 90_000 }

/** Marks what is a slip, in a transcript. */
const SLIP = 'simulated slip'
/** Slips in a row: an agent gives up after a few more. */
const SLIPS_LIMIT = 2

export function slippingModel(model: Model, options: SlippingModelOptions): Model {
  const { clock, draws, rates, schedule, stormy, onCall } = options
  return {
    provider: model.provider,
    name: model.name,
    async *stream(request, { signal, traceparent }) {
      onCall(traceparent)
      const { id, random } = draws.next(`chat ${traceparent}`)
      const slip = pick(random, KINDS, rates)
      const { transcript, inARow } = withoutSlips(request)
      const may = stormy() && (slip === 'slow' || inARow < SLIPS_LIMIT)
      const struck = slip !== undefined && may && schedule.strikes(id, slip, `a call of the ${request.role}`)
      const { least, most } = struck && slip === 'slow' ? SLOW_MS : LATENCY_MS
      await sleep(clock, least + Math.floor((most - least) * random.next()), signal)
      signal.throwIfAborted()
      if (struck && slip !== 'slow') yield* slipOf(slip, request)
      else yield* model.stream({ ...request, transcript }, { signal, ...(traceparent && { traceparent }) })
    },
  }
}

function* slipOf(kind: Exclude<Kind, 'slow'>, { transcript, answers }: ChatRequest): Generator<ChatChunk> {
  if (kind === 'model-error') throw new ModelError('unavailable', SLIP, { retryable: true })
  yield { kind: 'text', text: SLIP }
  if (kind === 'wrong-answer') yield { kind: 'answer', type: answers[0]!.type, body: SLIP }
  if (kind === 'unknown-tool')
    yield { kind: 'call', call: { id: `slip-${transcript.length}`, tool: 'no_such_tool', input: {} } }
  yield { kind: 'end', finish: kind === 'truncated' ? 'length' : 'stop', model: SLIP }
}

/** The transcript as it would be without slips, and how many slips it ends with. */
function withoutSlips({ transcript }: ChatRequest): { transcript: TranscriptEntry[]; inARow: number } {
  const kept: TranscriptEntry[] = []
  let inARow = 0
  let owed: string | undefined
  for (const entry of transcript) {
    if (entry.kind === 'reply' && entry.text === SLIP) {
      owed = entry.calls[0]?.id ?? ''
      inARow++
    } else if (owed !== undefined && isComplaint(entry, owed)) owed = undefined
    else if (entry.kind === 'correction' && entry.text === SLIP) inARow++
    else {
      kept.push(entry)
      inARow = 0
    }
  }
  return { transcript: kept, inARow }
}

/** What an agent is told about a slip: that its call failed, or that its answer would not do. */
const isComplaint = (entry: TranscriptEntry, call: string) =>
  entry.kind === 'correction' || (entry.kind === 'error' && entry.call === call)
