/** What an agent remembers while it works: plain JSON, since it lives in the record. And the pure steps that change it. */

import type { MessageDefinition } from '../../protocols/define.ts'
import type { FailureKind } from '../../protocols/failure.ts'
import type { BlobHash } from '../../protocols/ids.ts'
import { issuesOf } from '../../protocols/parse.ts'
import type { ChatReply, ToolCall, TranscriptEntry } from '../model/model.ts'
import type { Shared } from '../tools/share-work.ts'
import type { ConversationInput } from '../turn/behaviour.ts'
import type { EffectError } from '../turn/effects.ts'
import { type Fold, folded, type Transcript } from './transcript.ts'

export type AgentContext = Transcript & {
  readonly input: ConversationInput
  /** Calls of the last reply that are still to be made. */
  readonly calls: readonly ToolCall[]
  /** The answer of the last reply, parsed. */
  readonly answer: { readonly type: string; readonly body: unknown } | null
  /** The workspace as this agent has it. */
  readonly tree: BlobHash | null
  /** The head of the run that it went on from. Absent before it did: then that is the workspace before any work. */
  readonly base?: BlobHash | null
  /** Calls to the model so far, and answers in a row that were of no use. */
  readonly steps: number
  readonly corrections: number
  /** Questions asked of other peers so far. */
  readonly asked: number
  /** Why the agent gives up, once it does. */
  readonly problem: string | null
  /** What its failure is then, where it is more than an error. Absent in records of before it was kept. */
  readonly problemKind?: FailureKind
  /** Milliseconds that it waits before its model is asked again, since the last call could not be made. */
  readonly pauseMs?: number
  /** The size of its model's context, in tokens, once an endpoint refused a prompt for its size. */
  readonly contextTokens?: number
}

export const newAgent = (input: ConversationInput): AgentContext => ({
  input,
  earlier: null,
  transcript: [],
  calls: [],
  answer: null,
  tree: null,
  steps: 0,
  corrections: 0,
  asked: 0,
  problem: null,
})

/** Calls to the model that one piece of work may take before the agent gives up, unless its role says otherwise. */
export const STEPS_LIMIT = 60
/** Answers in a row that may fail to parse. */
export const CORRECTIONS_LIMIT = 3

/** Before each of them a call that could not be made is left alone, since the adapter has tried again by then. */
const PAUSES_MS = [2_000, 8_000, 32_000] as const
/** Longest pause that an endpoint may ask for. A limit of a day is not waited for. */
const LONGEST_PAUSE_MS = 600_000

type Changes = Partial<AgentContext>
type MessageEvent = {
  readonly type: string
  readonly body: unknown
  readonly from: { readonly role: string; readonly peer: string }
}

/** A message of a peer. */
export const heard = (context: AgentContext, event: MessageEvent): Changes => ({
  steps: 0,
  corrections: 0,
  transcript: [
    ...context.transcript,
    { kind: 'message', type: event.type, from: event.from.peer, body: event.body },
  ],
})

/**
 * A reply of the model: calls to make, an answer, or neither, which is corrected.
 * @param answers definitions of what the model may answer with
 * @param fold what was folded away before the call
 * @param limit calls to the model after which it gives up
 */
export function replied(
  context: AgentContext,
  reply: ChatReply,
  answers: readonly Pick<MessageDefinition, 'type' | 'body'>[],
  fold?: Fold,
  limit = STEPS_LIMIT,
): Changes {
  const { earlier, transcript: before } = folded(context, fold)
  const steps = context.steps + 1
  const tooLong = steps < limit ? null : `no answer after ${limit} calls to the model`
  // A call that is not made has no result, and no model takes a transcript with such a call in it.
  const calls = tooLong === null ? reply.calls : []
  const transcript: TranscriptEntry[] = [
    ...before,
    { kind: 'reply', text: reply.text, calls, ...(reply.answer && { answer: reply.answer }) },
  ]
  if (reply.calls.length > 0)
    return { earlier, transcript, steps, calls, answer: null, corrections: 0, problem: tooLong }
  const wrong = wrongAnswer(reply, answers)
  if (wrong === undefined) {
    const { type, body } = reply.answer!
    return {
      earlier,
      transcript,
      steps,
      calls: [],
      // Not the end of a row: a machine may find an answer that fits of no use all the same, and count on.
      answer: { type, body: answers.find((answer) => answer.type === type)!.body.parse(body) },
    }
  }
  const corrections = context.corrections + 1
  const problem =
    corrections > CORRECTIONS_LIMIT
      ? `${corrections} answers in a row were of no use: ${wrong}${adviceOn(reply)}`
      : tooLong
  return {
    earlier,
    steps,
    corrections,
    calls: [],
    answer: null,
    problem,
    transcript: [...transcript, { kind: 'correction', text: wrong }],
  }
}

/** For whoever runs the agent: its model was told what it can do itself. */
const adviceOn = ({ finish }: ChatReply): string =>
  finish === 'length'
    ? ' (the reply reached the limit of its length: raise "maxOutputTokens" of the role\'s model, the server\'s own limit, or the budget of the run)'
    : ''

function wrongAnswer(
  reply: ChatReply,
  answers: readonly Pick<MessageDefinition, 'type' | 'body'>[],
): string | undefined {
  const names = answers.map((answer) => answer.type).join(', ')
  if (reply.answer === undefined) {
    if (reply.finish === 'length') return 'the reply was cut off: be shorter'
    if (reply.finish === 'content_filter')
      return "the endpoint's content filter stopped the reply: say it in other words"
    return `call a tool, or answer with one of: ${names}`
  }
  const definition = answers.find((answer) => answer.type === reply.answer?.type)
  if (definition === undefined)
    return `"${reply.answer.type}" is not an answer here; answer with one of: ${names}`
  const parsed = definition.body.safeParse(reply.answer.body)
  return parsed.success
    ? undefined
    : `the answer does not fit "${definition.type}": ${issuesOf(parsed.error)}`
}

/** The first call was made and gave this. */
export function used(
  context: AgentContext,
  output: unknown,
  tree: BlobHash | undefined,
  fold?: Fold,
): Changes {
  const [call, ...calls] = context.calls
  const { earlier, transcript } = folded(context, fold)
  return {
    calls,
    earlier,
    tree: tree ?? context.tree,
    transcript: [...transcript, { kind: 'result', call: call!.id, tool: call!.tool, output }],
  }
}

/** The first call was made and failed: the model may try something else. */
export function failedToUse(context: AgentContext, error: EffectError): Changes {
  const [call, ...calls] = context.calls
  const { code, message } = error
  return {
    calls,
    transcript: [...context.transcript, { kind: 'error', call: call!.id, tool: call!.tool, code, message }],
  }
}

/**
 * A call to the model failed in a way that another one may not. The model is told what was wrong with its reply; that
 * its endpoint was away is nothing to it.
 */
export const faulty = (context: AgentContext, error: EffectError): Changes => ({
  corrections: context.corrections + 1,
  pauseMs: Math.max(error.retryAfterMs ?? 0, PAUSES_MS[context.corrections] ?? 0),
  ...(isOfReply(error) && {
    transcript: [...context.transcript, { kind: 'correction', text: error.message }],
  }),
})

/** Whether its tools changed what it went on from. */
export const hasOwnWork = ({ tree, base }: AgentContext): boolean => tree !== null && tree !== base

/** Its work and the run's head came together. */
export const shared = ({ head }: Shared, tree: BlobHash): Changes => ({ base: head, tree })

/**
 * They did not, where somebody else had changed the same places. The model is told, in place of its answer or of the
 * question that it was about to ask.
 */
export function overlapped(context: AgentContext, { overlap }: Shared): Changes {
  const files = overlap.join(', ')
  const what = `somebody else changed the same places of ${files}. There the workspace is now as they left it; the rest of your work stands`
  if (context.answer === null)
    return failedToUse(context, {
      code: 'tool.overlap',
      message: `not asked: ${what}. Make there what is still needed, then ask again.`,
    })
  return corrected(context, `Not handed over: ${what}. Make there what is still needed, then answer again.`)
}

/** An answer that fits its schema and is of no use to the machine all the same: the model is told why. */
export const corrected = (context: AgentContext, text: string) => ({
  answer: null,
  corrections: context.corrections + 1,
  transcript: [...context.transcript, { kind: 'correction' as const, text }],
})

const OF_REPLY: ReadonlySet<string> = new Set(['model.bad-answer', 'model.bad-call'])

export const mayRetry = (context: AgentContext, error: EffectError): boolean =>
  error.retryable === true &&
  context.corrections < CORRECTIONS_LIMIT &&
  (error.retryAfterMs ?? 0) <= LONGEST_PAUSE_MS

/** What the model can mend at once, now that it is told. */
export const isOfReply = ({ code }: EffectError): boolean => OF_REPLY.has(code)

export const gaveUp = (error: EffectError): Changes => ({
  problem: `${error.message} (${error.code})`,
  problemKind: KIND_OF_CODE.get(error.code) ?? 'error',
})

const KIND_OF_CODE: ReadonlyMap<string, FailureKind> = new Map([
  ['quota.exhausted', 'exhausted'],
  ['quota.closed', 'cancelled'],
  ['effect.died', 'died'],
])

/** What the failure of one agent is to those who wait for another that needed it. */
export const passedOn = (kind: FailureKind): FailureKind => (PASSED_ON.has(kind) ? kind : 'error')

/** These say something of the run, the others only of who failed. */
const PASSED_ON: ReadonlySet<FailureKind> = new Set(['exhausted', 'cancelled', 'no-peer', 'timeout'])
