/** The effects a host has in flight, started from records and stopped when no record wants them any more. */

import { SkeinError } from '../../protocols/errors.ts'
import type { ConversationId } from '../../protocols/ids.ts'
import { traceparent } from '../../traces/propagation.ts'
import type { Redact } from '../../traces/redacted.ts'
import { isBusAway } from '../bus/errors.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { orAborted } from '../time/or-aborted.ts'
import type {
  EffectCall,
  EffectContext,
  EffectError,
  EffectHandler,
  EffectHandlers,
  EffectOutcome,
  EffectResult,
  EffectSpan,
} from './effects.ts'
import type { ConversationRecord, Effect } from './record.ts'
import { TRIALS_LIMIT, type Trials } from './trials.ts'

export interface Running {
  /** A record was committed: what it no longer has pending is aborted, before anything else follows from it. */
  dismiss(record: ConversationRecord): void
  /** What the record sends is sent: starts what it has pending and is not in flight here. */
  follow(record: ConversationRecord): void
  /** Aborts what is in flight for a conversation that is gone. */
  forget(conversation: ConversationId): void
  /**
   * Conversations with an effect in flight, or whose outcome is on its way into the record: another may follow. Those
   * that only wait are not busy.
   */
  busy(): readonly ConversationId[]
  /** Effects in flight, without those that only wait. */
  inFlight(): number
  /** Aborts everything; outcomes that come later are dropped. */
  stop(): void
}

type Flight = {
  readonly conversation: ConversationId
  readonly abort: AbortController
  readonly waits: boolean
  /**
   * `landed`: it ended, and its outcome is on its way into the record; until it stands there nobody starts it again
   * (T3). `dismissed`: no record wants it any more.
   */
  state: 'flying' | 'landed' | 'dismissed'
}

/** Attempts that need no explanation. */
export const TRUSTED_ATTEMPTS = 2
const DEADLY = `${TRIALS_LIMIT} processes died while it was all that they tried again`

/** First and longest pause before an effect that the bus failed is run again. */
const AWAY_MS = { first: 50, longest: 2_000 }

/** An effect's time is up. */
export class EffectTimeoutError extends SkeinError {
  constructor(what: string, ms: number) {
    super('effect.timeout', `"${what}" took longer than ${ms} ms`)
  }
}

export function createRunning(options: {
  readonly clock: Clock
  readonly handlers: EffectHandlers
  readonly resource: Readonly<Record<string, string | number>>
  /** Takes secrets out of errors; nothing does unless given. */
  readonly redact?: Redact | undefined
  readonly trials: Trials
  readonly done: (conversation: ConversationId, effect: string, result: EffectResult) => void
}): Running {
  const { clock, handlers, resource, redact, trials, done } = options
  const flights = new Map<string, Flight>()
  const keyOf = (conversation: ConversationId, effect: string) => `${conversation} ${effect}`

  async function fly(record: ConversationRecord, effect: Effect, flight: Flight): Promise<void> {
    const handler = handlers[effect.src]
    const startedAt = clock.now()
    const result = await outcome(handler, record, effect, flight.abort).catch((error) => failed(told(error)))
    const key = keyOf(record.conversation, effect.name)
    if (flights.get(key) !== flight || flight.state === 'dismissed') return // nobody waits for it any more
    flight.state = 'landed'
    const span = spanOf(handler, effect)
    const { attributes = {}, ...rest } = result as typeof result & Pick<EffectOutcome, 'attributes'>
    done(record.conversation, effect.name, {
      ...rest,
      span: {
        ...span,
        attributes: { ...span.attributes, ...attributes },
        resource,
        startedAt,
        endedAt: clock.now(),
      },
    })
  }

  /** Who wants to know is the machine, its model, whoever it tells, and the trace. */
  function told(error: unknown): EffectError {
    const found = errorOf(error)
    return redact === undefined ? found : { ...found, message: redact(found.message) }
  }

  async function outcome(
    handler: EffectHandler | undefined,
    record: ConversationRecord,
    effect: Effect,
    abort: AbortController,
  ) {
    if (handler === undefined) {
      return failed({ code: 'effect.unknown', message: `no handler for "${effect.src}" on this host` })
    }
    if (effect.attempt > 1 && !handler.repeatable(effect.input)) {
      return failed({
        code: 'effect.died',
        message: 'its process died in the middle, and it must not be run twice',
      })
    }
    if (effect.attempt <= TRUSTED_ATTEMPTS || handler.waits) return attempt(handler, record, effect, abort)
    // Whoever had it may have died of something else: it is tried alone before it is blamed.
    const suspect = {
      kind: 'effect' as const,
      run: record.run,
      what: `${record.conversation} ${effect.name}`,
    }
    const trial = () => trials.alone(suspect, () => attempt(handler, record, effect, abort))
    const result = await whileAway(trial, abort.signal)
    return result ?? failed({ code: 'effect.died', message: DEADLY })
  }

  async function attempt(
    handler: EffectHandler,
    record: ConversationRecord,
    effect: Effect,
    abort: AbortController,
  ) {
    const limit = Math.max(0, Math.min(handler.timeoutMs(effect.input), record.limits.deadline - clock.now()))
    const deadline = clock.setTimer(limit, () => abort.abort(new EffectTimeoutError(effect.src, limit)))
    let call: EffectCall | undefined
    let attributes: EffectSpan['attributes'] = {}
    const context: EffectContext = {
      record,
      name: effect.name,
      attempt: effect.attempt,
      signal: abort.signal,
      traceparent: traceparent(
        { traceId: record.trace.traceId, spanId: effect.spanId },
        record.trace.sampled,
      ),
      onCall: (made) => {
        call = made
      },
      onAttributes: (more) => {
        attributes = { ...attributes, ...more }
      },
    }
    try {
      const outcome = await withBus(handler, effect, context)
      return {
        ...{ ok: true as const, ...outcome, ...(call && { call }) },
        attributes: { ...attributes, ...outcome.attributes },
      }
    } catch (error) {
      return { ...failed(told(error), paidFor(error), call), attributes }
    } finally {
      deadline.cancel()
    }
  }

  /** That the bus was away is no outcome: what may be run again is, for as long as it has time. */
  function withBus(handler: EffectHandler, effect: Effect, context: EffectContext) {
    const { signal } = context
    const running = () => handler.run(effect.input, context)
    const run = handler.endsItself ? running : () => orAborted(running(), signal)
    return handler.repeatable(effect.input) ? whileAway(run, signal) : run()
  }

  async function whileAway<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    for (let pause = AWAY_MS.first; ; pause = Math.min(2 * pause, AWAY_MS.longest)) {
      try {
        return await work()
      } catch (error) {
        if (!isBusAway(error)) throw error
        await sleep(clock, pause, signal)
        signal.throwIfAborted()
      }
    }
  }

  function unwantedBy({ conversation, effects }: ConversationRecord): [string, Flight][] {
    const wanted = new Set(effects.map(({ name }) => keyOf(conversation, name)))
    return [...flights].filter(([key, flight]) => flight.conversation === conversation && !wanted.has(key))
  }

  function abandon(flight: Flight): void {
    if (flight.state !== 'flying') return
    flight.state = 'dismissed'
    flight.abort.abort(new SkeinError('effect.unwanted', 'the conversation went on without it'))
  }

  return {
    dismiss(record) {
      for (const [, flight] of unwantedBy(record)) abandon(flight)
    },
    follow(record) {
      // Until now its conversation was busy: what comes next is started in its place.
      for (const [key, flight] of unwantedBy(record)) {
        abandon(flight) // of a record that was read and not committed here, nobody said so before
        flights.delete(key)
      }
      for (const effect of record.effects) {
        const key = keyOf(record.conversation, effect.name)
        if (flights.has(key)) continue
        const flight: Flight = {
          ...{ conversation: record.conversation, abort: new AbortController(), state: 'flying' },
          waits: handlers[effect.src]?.waits ?? false,
        }
        flights.set(key, flight)
        void fly(record, effect, flight)
      }
    },
    forget(conversation) {
      for (const [key, flight] of flights) {
        if (flight.conversation !== conversation) continue
        flights.delete(key)
        flight.abort.abort(new SkeinError('effect.unwanted', 'its conversation is gone'))
      }
    },
    busy: () => [
      ...new Set([...flights.values()].filter(({ waits }) => !waits).map(({ conversation }) => conversation)),
    ],
    inFlight: () => [...flights.values()].filter(({ state, waits }) => state === 'flying' && !waits).length,
    stop() {
      const all = [...flights.values()]
      flights.clear()
      for (const flight of all) flight.abort.abort(new SkeinError('effect.stopped', 'the peer stops'))
    },
  }
}

/** A handler that cannot even describe an input fails one conversation, not the process. */
function spanOf(handler: EffectHandler | undefined, { src, input }: Effect): EffectSpan {
  const plain: EffectSpan = { name: src, kind: 'internal', attributes: {} }
  try {
    return handler?.describe(input) ?? plain
  } catch {
    return plain
  }
}

const failed = (error: EffectError, usage?: EffectResult['usage'], call?: EffectCall) => ({
  ok: false as const,
  error,
  ...(usage && { usage }),
  ...(call && { call }),
})

/** The error of an outcome: the code of ours, or the name of anybody else's. */
export function errorOf(error: unknown): EffectError {
  if (error instanceof SkeinError) {
    const retryable = 'retryable' in error && error.retryable === true
    const after = 'retryAfterMs' in error && retryable ? error.retryAfterMs : undefined
    return {
      ...{ code: error.code, message: error.message },
      ...(retryable && { retryable }),
      ...(typeof after === 'number' && { retryAfterMs: after }),
    }
  }
  if (error instanceof Error) return { code: `effect.${error.name}`, message: error.message }
  return { code: 'effect.threw', message: String(error) }
}

/** Tokens that a failed call has cost all the same. */
const paidFor = (error: unknown) => (error as { usage?: EffectResult['usage'] } | undefined)?.usage
