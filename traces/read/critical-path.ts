/**
 * The chain that decided how long a run took, walked backwards from its end to its submission: each moment belongs to
 * exactly one segment, so the segments add up to the duration. Of a run under way it is the chain that led to the last
 * thing that is known of it.
 *
 * | kind | is |
 * |---|---|
 * | `model`, `tool` | the effect whose end let the next turn happen |
 * | `person` | a call of a tool waited for somebody to approve it, or to answer |
 * | `queue` | a message waited while its taker was busy, see `busy.ts` |
 * | `transit` | a message was on its way and its taker free: commit, bus, fetching |
 * | `turn` | a turn was taken and committed, an effect started, its outcome fetched; the end announced |
 * | `wait` | a timer ran, or an answer did not come |
 * | `adoption` | a process was gone, until another took its conversation over |
 * | `unknown` | the trace does not say |
 *
 * The times are those of the story, so that clocks which differ take nothing twice.
 */
import { busyIn } from './busy.ts'
import { peerOf } from './detail.ts'
import type { Effect, Story, Takeover, Turn } from './story.ts'
import type { TraceNode } from './tree.ts'
import { causesOf } from './turn-causes.ts'

export const SEGMENT_KINDS = [
  'model',
  'tool',
  'person',
  'queue',
  'transit',
  'turn',
  'wait',
  'adoption',
  'unknown',
] as const
export type SegmentKind = (typeof SEGMENT_KINDS)[number]

export type Segment = {
  readonly kind: SegmentKind
  readonly startMs: number
  readonly endMs: number
  /** '' where nothing is known. Of a message that waits: who took it. */
  readonly peer: string
  readonly role: string
  readonly conversation: string
  /** A model, a tool, the event of a turn, the type of a message. */
  readonly what: string
  /** The span to look at: the effect's, the turn's, the send's. */
  readonly spanId: string
}

export type CriticalPath = {
  readonly run: string | undefined
  /** Of a run under way, as far as it is known. */
  readonly isOver: boolean
  readonly startMs: number
  readonly endMs: number
  readonly durationMs: number
  /** In order of time, each beginning where the one before it ends. */
  readonly segments: readonly Segment[]
  readonly totals: Readonly<Record<SegmentKind, { readonly ms: number; readonly share: number }>>
}

const SEGMENT_OF_EFFECT: Readonly<Record<Effect['kind'], SegmentKind>> = {
  chat: 'model',
  tool: 'tool',
  person: 'person',
  other: 'tool',
}

type Whose = Pick<Segment, 'peer' | 'role' | 'conversation' | 'what' | 'spanId'>
type Last = Turn | Effect | Takeover

export function criticalPath(story: Story): CriticalPath {
  const last = lastOf(story)
  const endMs = story.over?.node.endMs ?? last?.node.endMs ?? story.endMs
  // Without spans there is no time.
  const [fromMs, toMs] = endMs >= story.startMs ? [story.startMs, endMs] : [0, 0]
  const segments = walk(story, last, { startMs: fromMs, endMs: toMs })
  const durationMs = toMs - fromMs
  const totals = Object.fromEntries(
    SEGMENT_KINDS.map((kind) => {
      const ms = segments.reduce((sum, one) => (one.kind === kind ? sum + (one.endMs - one.startMs) : sum), 0)
      return [kind, { ms, share: durationMs > 0 ? ms / durationMs : 0 }]
    }),
  ) as CriticalPath['totals']
  const { run, over } = story
  return { run, isOver: over !== undefined, startMs: fromMs, endMs: toMs, durationMs, segments, totals }
}

/** What came last: of a run that is over the turn that its end followed, that of its origin if there is one. */
function lastOf(story: Story): Last | undefined {
  if (story.over === undefined) {
    const all: readonly Last[] = [...story.turns, ...story.effects, ...story.takeovers]
    return all.reduce<Last | undefined>(
      (last, one) => (last && last.node.endMs > one.node.endMs ? last : one),
      undefined,
    )
  }
  const { endMs } = story.over.node
  const origins = new Set(story.submitted?.children)
  const before = story.turns.filter(({ node }) => node.startMs <= endMs)
  return before.findLast(({ conversation }) => origins.has(conversation.node)) ?? before.at(-1)
}

function walk(
  story: Story,
  last: Last | undefined,
  { startMs, endMs }: { startMs: number; endMs: number },
): Segment[] {
  const causes = causesOf(story)
  const busy = busyIn(story, causes)
  const segments: Segment[] = []
  let atMs = endMs

  /** What is not yet told, from then on, was this. */
  function tell(kind: SegmentKind, sinceMs: number, whose: Whose): void {
    const from = Math.max(startMs, sinceMs)
    if (!(from < atMs)) return
    const later = segments.at(-1)
    const isMore = later !== undefined && later.kind === kind && later.spanId === whose.spanId
    if (isMore) segments[segments.length - 1] = { ...later, startMs: from }
    else segments.push({ kind, startMs: from, endMs: atMs, ...whose })
    atMs = from
  }

  /** The way of what a turn took, as far as it is known to have waited. */
  function tellWay(turn: Turn, sentMs: number, whose: Whose, isForAny: boolean): void {
    const takeover = lastTakeover(turn, sentMs, atMs)
    if (takeover !== undefined) {
      tellQueue(turn.peer, takeover.node.startMs, whose, isForAny)
      tell('adoption', Math.max(sentMs, aliveMs(takeover)), whoseTakeover(takeover))
    }
    tellQueue(turn.peer, sentMs, whose, isForAny)
  }

  function tellQueue(peer: string, sinceMs: number, whose: Whose, isForAny: boolean): void {
    for (const part of busy(peer, isForAny, { startMs: sinceMs, endMs: atMs }).reverse()) {
      tell('transit', part.endMs, whose)
      tell('queue', part.startMs, whose)
    }
    tell('transit', sinceMs, whose)
  }

  /** An effect, and what lies between it and the turn that asked for it. */
  function tellEffect(effect: Effect): Turn {
    tell('turn', effect.node.endMs, whoseTurn(causes.takerOf(effect) ?? effect.turn))
    tell(SEGMENT_OF_EFFECT[effect.kind], effect.node.startMs, whoseEffect(effect))
    const takeover = lastTakeover(effect.turn, effect.turn.node.endMs, atMs)
    if (takeover !== undefined) {
      tell('turn', takeover.node.startMs, whoseTakeover(takeover))
      tell('adoption', effect.turn.node.endMs, whoseTakeover(takeover))
    }
    return effect.turn
  }

  /** What let a turn happen, back to the turn that caused that. */
  function tellCause(turn: Turn): Turn | undefined {
    const cause = causes.of(turn)
    // Of what is not known, work that opens a conversation is for whoever is free.
    const isForAny = turn.message?.isForAny ?? turn.conversation.turns[0] === turn
    switch (cause.kind) {
      case 'message': {
        const { message } = cause
        tellWay(
          turn,
          message.sentMs,
          { ...whoseTurn(turn), what: message.type, spanId: idOf(message.node) },
          isForAny,
        )
        return message.sender
      }
      case 'effect':
        return tellEffect(cause.effect)
      case 'submission': {
        tellWay(turn, cause.node.endMs, whoseTurn(turn), isForAny)
        const { span } = cause.node
        tell('turn', cause.node.startMs, {
          ...NOBODY,
          peer: peerOf(span),
          what: span.name,
          spanId: span.spanId,
        })
        return undefined
      }
      case 'timer':
        tell('wait', cause.since.node.endMs, whoseTurn(turn))
        return cause.since
      case 'unknown':
        if (turn.queueMs !== undefined)
          tellWay(
            turn,
            Math.max(turn.node.startMs - turn.queueMs, cause.after?.node.endMs ?? startMs),
            whoseTurn(turn),
            isForAny,
          )
        if (cause.after !== undefined) tell('unknown', cause.after.node.endMs, whoseTurn(turn))
        return cause.after
    }
  }

  if (story.over !== undefined && last !== undefined)
    tell('turn', last.node.endMs, { ...NOBODY, ...whoseOver(story.over.node) })
  let turn = last === undefined ? undefined : beginning(last)
  const told = new Set<Turn>()
  while (turn !== undefined && !told.has(turn) && atMs > startMs) {
    told.add(turn)
    tell('turn', turn.node.startMs, whoseTurn(turn))
    turn = tellCause(turn)
  }
  tell('unknown', startMs, NOBODY)
  return segments.reverse()

  /** The turn to begin at, once the last thing is told. */
  function beginning(last: Last): Turn | undefined {
    if ('event' in last) return last
    if ('attempt' in last) return tellEffect(last)
    tell('turn', last.node.startMs, whoseTakeover(last))
    const before = last.conversation.turns.findLast(({ node }) => node.startMs <= last.node.startMs)
    if (before !== undefined) tell('adoption', before.node.endMs, whoseTakeover(last))
    return before
  }
}

/** The last takeover of a turn's conversation between these times. */
const lastTakeover = ({ conversation }: Turn, sinceMs: number, untilMs: number): Takeover | undefined =>
  conversation.takeovers.findLast(({ node }) => node.startMs > sinceMs && node.startMs <= untilMs)

/** The last that was heard of a conversation before it was taken over. */
const aliveMs = ({ node, conversation }: Takeover): number =>
  conversation.turns.findLast((turn) => turn.node.startMs <= node.startMs)?.node.endMs ??
  Number.NEGATIVE_INFINITY

const NOBODY: Whose = { peer: '', role: '', conversation: '', what: '', spanId: '' }

const idOf = ({ span }: TraceNode): string => span.spanId

const whoseTurn = ({ peer, conversation: { id, role }, event, node }: Turn): Whose => ({
  ...{ peer, role, conversation: id, what: event, spanId: idOf(node) },
})

const whoseEffect = ({ peer, conversation: { id, role }, name, node }: Effect): Whose => ({
  ...{ peer, role, conversation: id, what: name, spanId: idOf(node) },
})

const whoseTakeover = ({ peer, conversation: { id, role }, node }: Takeover): Whose => ({
  ...{ peer, role, conversation: id, what: node.span.name, spanId: idOf(node) },
})

const whoseOver = ({ span }: TraceNode): Partial<Whose> => ({
  ...{ peer: peerOf(span), what: span.name, spanId: span.spanId },
})
