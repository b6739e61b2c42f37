/**
 * What is left out of a prompt that does not fit its model's context, and by which rule. Nothing is cut off silently:
 * in place of what is left out stands a line that says what it was, how large, and how to get it again. The record
 * keeps all of it.
 *
 * C1 It is a function of the request and the size of the context, so the same record gives the same prompt: after a
 *    crash, and in a replay.
 * C2 The transcript is gone through from its beginning, and something is left out at each entry that makes it too
 *    large, down to half of the room. So what was left out stays left out, and from one such point to the next a
 *    prompt is the beginning of the one after it, which an endpoint has in its cache.
 * C3 Messages of peers, corrections, what the model said, and which calls it made are never left out.
 *
 * In this order, each from the oldest on, and no further than needed:
 * 1. results and errors of tools, except among the last entries;
 * 2. those among the last entries that are not of the last reply's calls;
 * 3. long texts in the arguments of earlier calls, a file that was written for instance;
 * 4. results of the last calls: one that does not fit by itself is not to end the work, the model can ask for less.
 */
import { type ChatRequest, ModelError, type TranscriptEntry } from '../model/model.ts'
import { ENTRY_TOKENS, likelyTokens } from '../model/token-estimate.ts'

/** The last entries, which are left out only where there is no other way. */
const LAST_ENTRIES = 8
/** Characters of JSON. A line in place of less saves nothing. */
const LEAST_LEFT_OUT = 400
/** Of the room for the prompt: down to so much, where the first rule can. */
const LOW_WATER = 0.5
/** Kept free for a reply whose role says nothing of it: so many tokens, and at most a quarter of the context. */
const REPLY_ROOM_TOKENS = 8_192

export type Compaction = {
  readonly transcript: readonly TranscriptEntry[]
  /** Results, and calls with arguments, that something was left out of. */
  readonly leftOut: number
  /** UTF-8 bytes that the transcript lost. */
  readonly bytes: number
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '')
const tokensOf = (entry: TranscriptEntry): number => likelyTokens(bytesOf(entry)) + ENTRY_TOKENS

/** Tokens of a prompt, estimated. */
export const estimatedTokens = (request: ChatRequest): number =>
  fixedTokens(request) + request.transcript.reduce((sum, entry) => sum + tokensOf(entry), 0)

const fixedTokens = ({ instructions, tools, answers }: ChatRequest) =>
  likelyTokens(Buffer.byteLength(instructions) + bytesOf(tools) + bytesOf(answers))

/**
 * @param contextTokens of prompt and reply together
 * @throws ModelError `model.context-length` where all that may be left out is not enough
 */
export function compacted(request: ChatRequest, contextTokens: number): Compaction {
  const reply = request.maxOutputTokens ?? Math.min(REPLY_ROOM_TOKENS, contextTokens / 4)
  const room = Math.floor(contextTokens - Math.min(reply, (contextTokens * 3) / 4))
  const entries = [...request.transcript]
  let tokens = fixedTokens(request)

  /** @param low tokens to come down to */
  function leaveOut(at: number, low: number, shorter: (entry: TranscriptEntry) => TranscriptEntry): void {
    const entry = entries[at]!
    if (tokens <= low) return
    const left = shorter(entry)
    const saved = tokensOf(entry) - tokensOf(left)
    if (saved <= 0) return
    entries[at] = left
    tokens -= saved
  }

  for (const [last, entry] of entries.entries()) {
    tokens += tokensOf(entry)
    if (tokens <= room) continue
    const lastReply = entries.findLastIndex(({ kind }, at) => kind === 'reply' && at <= last)
    const early = Math.min(last + 1 - LAST_ENTRIES, lastReply)
    const low = Math.floor(room * LOW_WATER)
    for (let at = 0; at < early; at++) leaveOut(at, low, withoutResult)
    for (let at = Math.max(0, early); at < lastReply; at++) leaveOut(at, room, withoutResult)
    for (let at = 0; at < lastReply; at++) leaveOut(at, room, withoutArguments)
    for (let at = Math.max(0, lastReply); at <= last; at++) leaveOut(at, room, withoutLargeResult)
  }
  if (tokens > room) {
    const message =
      `the prompt has some ${tokens} tokens and there is room for ${room} of a context of ${contextTokens}, ` +
      "with all left out that may be: give the role's model a larger contextTokens, or less to do at once"
    throw new ModelError('context-length', message, { retryable: false })
  }
  const leftOut = entries.filter((entry, at) => entry !== request.transcript[at])
  return {
    transcript: leftOut.length === 0 ? request.transcript : entries,
    leftOut: leftOut.length,
    bytes: leftOut.length === 0 ? 0 : bytesOf(request.transcript) - bytesOf(entries),
  }
}

const charactersOf = (value: unknown) => (JSON.stringify(value) ?? '').length

/** A result or an error without what it said. */
function withoutResult(entry: TranscriptEntry): TranscriptEntry {
  const again = (tool: string) => `call ${tool} again, with the same arguments, if you need it`
  return noted(entry, (tool) => `left out to make room for what came later: ${again(tool)}`)
}

function withoutLargeResult(entry: TranscriptEntry): TranscriptEntry {
  return noted(entry, (tool) => `left out since it is too large: ask ${tool} for less, or for a part of it`)
}

function noted(entry: TranscriptEntry, why: (tool: string) => string): TranscriptEntry {
  if (entry.kind === 'result') {
    const characters = charactersOf(entry.output)
    if (characters < LEAST_LEFT_OUT) return entry
    return { ...entry, output: `[${characters} characters that ${entry.tool} gave are ${why(entry.tool)}]` }
  }
  if (entry.kind === 'error' && entry.message.length >= LEAST_LEFT_OUT) {
    const { length } = entry.message
    return { ...entry, message: `[${length} characters of this error are ${why(entry.tool)}]` }
  }
  return entry
}

/** A reply whose calls have no long texts in their arguments; what is short tells still what was called for what. */
function withoutArguments(entry: TranscriptEntry): TranscriptEntry {
  if (entry.kind !== 'reply') return entry
  const calls = entry.calls.map((call) => ({ ...call, input: withoutLongTexts(call.input) }))
  return charactersOf(calls) < charactersOf(entry.calls) ? { ...entry, calls } : entry
}

function withoutLongTexts(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_, part) =>
    typeof part === 'string' && part.length >= LEAST_LEFT_OUT
      ? `[${part.length} characters are left out here to make room for what came later; the call had them]`
      : part,
  )
}

/** Sizes of contexts that models are served with, to try where the endpoint only says that a prompt is too large. */
const LEAST_CONTEXT_TOKENS = 2_048

/**
 * The context to fit a prompt into after its endpoint said that it was too large.
 * @param fitted the context that it was fitted into, where it was into any
 * @returns undefined where there is none smaller
 */
export function smallerContext(refused: ChatRequest, told: number | undefined, fitted: number | undefined) {
  if (told !== undefined && told < (fitted ?? Number.POSITIVE_INFINITY)) return told
  const power = 2 ** Math.floor(Math.log2(estimatedTokens(refused) - 1))
  // The estimate was too low, or nobody knows: by halves.
  const smaller = fitted === undefined ? power : Math.floor(fitted / 2)
  return smaller < LEAST_CONTEXT_TOKENS ? undefined : smaller
}
