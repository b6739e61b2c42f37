/**
 * What coordination cost, and what it gained: a run against the same work done in sequence by one agent.
 *
 * Work is what models and tools did. In sequence it takes the sum of the durations of all effects that were made use
 * of, one after another. A call that failed is work as well: its conversation waited for it, and so would one agent.
 * Only calls that a conversation went on without are not. Nothing else is made up for the one agent: it may need fewer
 * calls than several agents that do not know what the others read, and its prompts would grow longer; a trace knows
 * neither. Hence:
 *
 * - speed-up: the work in sequence, by the duration of the run;
 * - overhead: what on the critical path is neither model nor tool;
 * - read from peers: the part of all prompts that other agents wrote, in bytes, and in input tokens by that share of
 *   each prompt: an estimate, since text is not evenly dense;
 * - openings: what the first prompt of each conversation holds that no peer wrote: instructions, and what else frames
 *   the work. One agent would have read the largest of them, once.
 *
 * What a trace does not say is undefined: runs without a model report no tokens, older ones no sizes of prompts.
 */
import { lengthOf, union } from './busy.ts'
import { criticalPath, SEGMENT_KINDS, type SegmentKind } from './critical-path.ts'
import { isAccounting } from './sequence-steps.ts'
import type { Effect, Story } from './story.ts'
import { UNWANTED } from './turn-causes.ts'

export type Tax = {
  readonly run: string | undefined
  readonly isOver: boolean
  readonly durationMs: number
  readonly work: {
    readonly modelMs: number
    readonly toolMs: number
    /** The two together: what one agent would take. */
    readonly sequentialMs: number
    /** In which at least one effect was in flight. */
    readonly unionMs: number
    /** Of effects that their conversations went on without; in none of the above. */
    readonly unwantedMs: number
  }
  /** Undefined where there was no work, or no time. */
  readonly speedUp: number | undefined
  readonly overhead: {
    readonly ms: number
    /** Of the duration. */
    readonly share: number
    readonly byKind: Readonly<Partial<Record<SegmentKind, number>>>
  }
  readonly conversations: number
  readonly turns: { readonly all: number; readonly accounting: number }
  readonly messages: { readonly all: number; readonly accounting: number; readonly untaken: number }
  readonly modelCalls: number
  /** Of those model calls that say it, which are `calls`. */
  readonly tokens: { readonly calls: number; readonly input: number; readonly output: number } | undefined
  readonly prompts:
    | {
        readonly calls: number
        readonly bytes: number
        readonly peerBytes: number
        /** Estimated; undefined where no call says both its tokens and its sizes. */
        readonly peerTokens: number | undefined
      }
    | undefined
  readonly openings:
    | { readonly conversations: number; readonly bytes: number; readonly largest: number }
    | undefined
}

export function tax(story: Story): Tax {
  const path = criticalPath(story)
  // A wait for a person is neither work nor what working together costs.
  const effects = story.effects.filter((effect) => isWanted(effect) && effect.kind !== 'person')
  const chats = effects.filter(({ kind }) => kind === 'chat')
  const modelMs = lengthOf(chats.map(({ node }) => node))
  const sequentialMs = lengthOf(effects.map(({ node }) => node))
  const overhead = SEGMENT_KINDS.filter(
    (kind) => !['model', 'tool', 'person'].includes(kind) && path.totals[kind].ms > 0,
  )
  const overheadMs = overhead.reduce((sum, kind) => sum + path.totals[kind].ms, 0)
  const { run, isOver, durationMs } = path
  return {
    ...{ run, isOver, durationMs },
    work: {
      ...{ modelMs, toolMs: sequentialMs - modelMs, sequentialMs },
      unionMs: lengthOf(union(effects.map(({ node }) => node))),
      unwantedMs: lengthOf(story.effects.filter((effect) => !isWanted(effect)).map(({ node }) => node)),
    },
    speedUp: sequentialMs > 0 && durationMs > 0 ? sequentialMs / durationMs : undefined,
    overhead: {
      ms: overheadMs,
      share: durationMs > 0 ? overheadMs / durationMs : 0,
      byKind: Object.fromEntries(overhead.map((kind) => [kind, path.totals[kind].ms])),
    },
    conversations: story.conversations.length,
    turns: {
      all: story.turns.length,
      accounting: story.turns.filter(({ event }) => isAccounting({ type: event })).length,
    },
    messages: {
      all: story.messages.length,
      accounting: story.messages.filter(isAccounting).length,
      untaken: story.messages.filter(({ taker }) => taker === undefined).length,
    },
    modelCalls: chats.length,
    tokens: tokensOf(chats),
    prompts: promptsOf(chats),
    openings: openingsOf(story),
  }
}

const isWanted = ({ error }: Effect): boolean => error !== UNWANTED

/** No prompt is empty: a call without tokens did not say. */
const saysTokens = ({ inputTokens, outputTokens }: Effect): boolean => inputTokens + outputTokens > 0

function tokensOf(chats: readonly Effect[]): Tax['tokens'] {
  const telling = chats.filter(saysTokens)
  if (telling.length === 0) return undefined
  return {
    calls: telling.length,
    input: sum(telling.map(({ inputTokens }) => inputTokens)),
    output: sum(telling.map(({ outputTokens }) => outputTokens)),
  }
}

type Sized = Effect & { readonly promptBytes: number; readonly promptPeerBytes: number }

const isSized = (effect: Effect): effect is Sized =>
  effect.promptBytes !== undefined && effect.promptPeerBytes !== undefined

function promptsOf(chats: readonly Effect[]): Tax['prompts'] {
  const sized = chats.filter(isSized)
  if (sized.length === 0) return undefined
  const counted = sized.filter((chat) => saysTokens(chat) && chat.promptBytes > 0)
  const peerTokens = sum(
    counted.map(
      ({ inputTokens, promptBytes, promptPeerBytes }) => (inputTokens * promptPeerBytes) / promptBytes,
    ),
  )
  return {
    calls: sized.length,
    bytes: sum(sized.map(({ promptBytes }) => promptBytes)),
    peerBytes: sum(sized.map(({ promptPeerBytes }) => promptPeerBytes)),
    peerTokens: counted.length > 0 ? Math.round(peerTokens) : undefined,
  }
}

function openingsOf({ conversations }: Story): Tax['openings'] {
  const own = conversations.flatMap(({ effects }) => {
    const first = effects.find((effect) => effect.kind === 'chat' && isWanted(effect))
    return first !== undefined && isSized(first) ? [first.promptBytes - first.promptPeerBytes] : []
  })
  if (own.length === 0) return undefined
  const largest = own.reduce((most, bytes) => Math.max(most, bytes), 0)
  return { conversations: own.length, bytes: sum(own), largest }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
