/**
 * What a host counts and times. Counts come from commits: each is counted once, by who made it, also where its answer
 * was lost and it was found later. Times come from the inputs beside them, which a commit that was found has not got.
 *
 * Attributes have few values: a role, a type, an outcome. A type that anybody could make up is `_OTHER`.
 */
import { failure } from '../../protocols/failure.ts'
import type { RoleName } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import type { Meter, MetricAttributes } from '../../traces/meter.ts'
import { METRIC } from '../../traces/metrics.ts'
import {
  GEN_AI,
  GEN_AI_TOKEN,
  GENERAL,
  MESSAGING,
  MESSAGING_OPERATION,
  MESSAGING_SYSTEM_NATS,
  OTHER,
  SKEIN,
} from '../../traces/names.ts'
import type { Mailbox } from '../bus/mailboxes.ts'
import type { Behaviour } from './behaviour.ts'
import type { EffectResult } from './effects.ts'
import type { ConversationRecord } from './record.ts'
import { templateOf } from './spans.ts'
import { envelopeOf, type TurnInput } from './turn-input.ts'

export interface Measures {
  /** Something was committed here. */
  committed(record: ConversationRecord): void
  /** A turn took this input, which was taken in hand at `takenAt`, and was committed by `now`. */
  took(record: ConversationRecord, input: TurnInput, takenAt: number, now: number): void
  /** An effect ended, and somebody waited for it. */
  effect(result: EffectResult): void
  /** A message came, for the `attempt`-th time. */
  delivered(mailbox: Mailbox, attempt: number): void
  /** A conversation goes on here that another process, or another life of this one, had. */
  tookOver(record: ConversationRecord): void
  /** A later incarnation is at work, and this one stops. */
  fenced(): void
  /** A message was given up and kept. */
  buried(): void
}

const unmeasured: Measures = {
  committed: () => {},
  took: () => {},
  effect: () => {},
  delivered: () => {},
  tookOver: () => {},
  fenced: () => {},
  buried: () => {},
}

/** Commits that no input made. */
const NO_TURN: ReadonlySet<string> = new Set(['settled', 'takeover'])
/** Taken by every role. */
const OWN: ReadonlySet<string> = new Set([
  ...[failure, runProtocol].flatMap(({ messages }) => Object.values(messages).map(({ type }) => type)),
  ...['ended', 'credited'],
])
/** Names of effects, `<turn>.<position>`. */
const EFFECT = /^\d+\.\d+$/

const system = { [MESSAGING.system]: MESSAGING_SYSTEM_NATS }
const seconds = (ms: number) => Math.max(0, ms) / 1_000

/** @param meter undefined: nobody counts, and this costs nothing */
export function createMeasures(
  meter: Meter | undefined,
  { role, accepts }: Pick<Behaviour, 'role' | 'accepts'>,
): Measures {
  if (meter === undefined) return unmeasured
  const own = { [SKEIN.role]: role }

  /** What a message calls itself may be anything; timers and effects are named by the machine. */
  const eventOf = ({ took: { event, id } }: ConversationRecord) =>
    id === undefined || EFFECT.test(id) || accepts.has(event) || OWN.has(event) ? event : OTHER

  function called({ span, usage, ...result }: EffectResult): void {
    const { attributes } = span
    const of = {
      ...own,
      ...only(attributes, [GEN_AI.operationName, GEN_AI.providerName, GEN_AI.requestModel]),
    }
    const error: MetricAttributes = result.ok ? {} : { [GENERAL.errorType]: result.error.code }
    meter!.record(METRIC.call, seconds(span.endedAt - span.startedAt), { ...of, ...error })
    const waitedMs = attributes[SKEIN.rateWaitMs]
    if (typeof waitedMs === 'number') meter!.record(METRIC.rateWait, seconds(waitedMs), { ...of, ...error })
    // Nothing is said of a call whose tokens nobody knows, and of models without any.
    const paid = result.ok ? undefined : usage
    const tokens = {
      input: attributes[GEN_AI.usageInputTokens] ?? paid?.inputTokens,
      output: attributes[GEN_AI.usageOutputTokens] ?? paid?.outputTokens,
    }
    for (const type of Object.values(GEN_AI_TOKEN)) {
      const count = tokens[type]
      if (typeof count === 'number') meter!.record(METRIC.tokens, count, { ...of, [GEN_AI.tokenType]: type })
    }
  }

  return {
    committed(record) {
      const { took, phase, problem, outbox } = record
      const whose = { [SKEIN.role]: record.role }
      if (NO_TURN.has(took.event)) return
      meter.add(METRIC.turns, 1, { ...whose, [SKEIN.event]: eventOf(record) })
      for (const { mailbox, message } of outbox) {
        meter.add(METRIC.sent, 1, {
          ...system,
          [MESSAGING.operationName]: MESSAGING_OPERATION.send,
          [MESSAGING.destinationTemplate]: templateOf(mailbox, message.to.role),
        })
      }
      // What was closed before stays in the state that it was closed in.
      if (phase === 'closed' && took.from !== took.to)
        meter.add(METRIC.conversations, 1, {
          ...whose,
          [SKEIN.outcome]: problem === null ? 'done' : 'failed',
        })
    },
    took(record, input, takenAt, now) {
      const event = { ...own, [SKEIN.event]: eventOf(record) }
      meter.record(METRIC.turn, seconds(now - takenAt), event)
      const envelope = envelopeOf(input)
      if (envelope === undefined) return
      meter.record(METRIC.queue, seconds(takenAt - envelope.sentAt), event)
      meter.record(METRIC.process, seconds(now - takenAt), {
        ...receipt(role),
        ...(input.kind === 'given-up' && { [GENERAL.errorType]: input.failure }),
      })
    },
    effect(result) {
      const { attributes, startedAt, endedAt } = result.span
      if (attributes[GEN_AI.providerName] !== undefined) return called(result)
      const isWait = attributes[SKEIN.personKind] !== undefined
      meter.record(isWait ? METRIC.person : METRIC.tool, seconds(endedAt - startedAt), {
        ...own,
        ...only(attributes, [GEN_AI.toolName, SKEIN.personKind]),
        ...(!result.ok && { [GENERAL.errorType]: result.error.code }),
      })
    },
    delivered(mailbox, attempt) {
      const of = { ...receipt(role), [MESSAGING.destinationTemplate]: templateOf(mailbox, role) }
      meter.add(METRIC.consumed, 1, of)
      if (attempt > 1) meter.add(METRIC.redeliveries, 1, of)
    },
    tookOver: (record) => meter.add(METRIC.takeovers, 1, { [SKEIN.role]: record.role }),
    fenced: () => meter.add(METRIC.fenced, 1, own),
    buried: () => meter.add(METRIC.deadLetters, 1, own),
  }
}

const receipt = (role: RoleName) => ({
  ...system,
  [MESSAGING.operationName]: MESSAGING_OPERATION.process,
  [MESSAGING.consumerGroupName]: role,
})

/** A mailbox without the name of a peer. */
const only = (attributes: MetricAttributes, names: readonly string[]): MetricAttributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)))
