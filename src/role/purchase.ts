/**
 * Buying one reply of a model: its rate is waited for, the most that it may cost reserved, the call made, and what it
 * used settled before anything is handed over. The rate comes first, so that no reservation lies about while somebody
 * waits for minutes.
 *
 * A call that the endpoint turns away for its rate waits again, with all who share the key, for as long as it may.
 * Where there is a model to fall back on it may not wait for long.
 */
import { SKEIN } from '../../traces/names.ts'
import type { Log } from '../log.ts'
import { fallbackModel } from '../model/fallback.ts'
import {
  type ChatReply,
  type ChatRequest,
  chunksOf,
  collectReply,
  type Model,
  ModelError,
  type Usage,
} from '../model/model.ts'
import { OFFLINE_MODEL, OFFLINE_PROVIDER } from '../model/offline.ts'
import { likelyTokens } from '../model/token-estimate.ts'
import { type CallRates, freeRates, type RateGrant } from '../rate/rate-limits.ts'
import { originPeer } from '../run/origin-address.ts'
import type { Settlement } from '../run/quota.ts'
import type { CallQuotas } from '../run/quotas.ts'
import { orAborted } from '../time/or-aborted.ts'
import type { EffectContext } from '../turn/effects.ts'
import { promptSize } from './prompt.ts'

/** How calls of a process go about rates, and whom they fall back on. */
export type Calling = {
  readonly rates?: CallRates
  /** Models of the same endpoint, the next to be asked first, for roles that name none. */
  readonly fallbacks?: readonly string[]
  readonly log?: Log
}

/** Longest wait for a rate, in milliseconds; the time that a call may take comes on top of it. */
export const RATE_PATIENCE_MS = 240_000
/** Longest wait where there is a model to fall back on. */
const PATIENCE_WITH_FALLBACK_MS = 20_000
/** Times that one call is turned away, after which something else is wrong. */
const TURNED_AWAY_LIMIT = 20
/** What a reply is taken to use of a rate, until it is settled. */
const LIKELY_REPLY_TOKENS = 1_000

const NO_TOKENS: Usage = { inputTokens: 0, outputTokens: 0 }

/** Failures of a call that was turned away, or never left: nobody charges for it. */
const FREE_OF_CHARGE: ReadonlySet<string> = new Set(
  [
    ...['unreachable', 'unavailable', 'rate-limited', 'unauthorized', 'not-found', 'bad-request', 'bad-url'],
    ...['context-length', 'no-tools', 'gave-up', 'no-policy'],
  ].map((code) => `model.${code}`),
)

export type PurchaseOptions = {
  readonly model: Model
  /** Models by name, the first to be asked first. */
  readonly names: readonly [string, ...string[]]
  readonly quotas: CallQuotas
  readonly rates?: CallRates | undefined
}

/** Asks one model, as often as it takes to find out how much of the request fits it. */
export type Fitting = (
  name: string,
  request: ChatRequest,
  ask: (fitted: ChatRequest) => Promise<ChatReply>,
) => Promise<ChatReply>

/**
 * Buys a reply, or throws what the call failed with, the books in order.
 * @param fit each model has a context of its own; the request is sent as it is unless given
 */
export type Purchase = (request: ChatRequest, context: EffectContext, fit?: Fitting) => Promise<ChatReply>

const asItIs: Fitting = (_, request, ask) => ask(request)

export function createPurchase({ model, names, quotas, rates = freeRates }: PurchaseOptions): Purchase {
  const isOffline = model.provider === OFFLINE_PROVIDER
  // Policies are no endpoint's models: there is nobody to fall back on.
  const [first, ...others] = isOffline ? ([names[0]] as const) : names

  return async (request, context, fit = asItIs) => {
    const { record, attempt, signal, traceparent, onCall, onAttributes } = context
    let waitedMs = 0

    /** One model's reply, however often it is turned away, within that time. */
    async function bought(name: string, asked: ChatRequest, patienceMs: number): Promise<ChatReply> {
      const before = waitedMs
      const { bytes } = promptSize(asked, originPeer(record.run))
      const tokens = likelyTokens(bytes) + (asked.maxOutputTokens ?? LIKELY_REPLY_TOKENS)
      for (let refusals = 1; ; refusals++) {
        const grant = await rates.wait(
          {
            ...{ run: record.run, model: name, tokens },
            patienceMs: patienceMs - (waitedMs - before),
            deadline: record.limits.deadline,
          },
          signal,
        )
        waitedMs += grant.waitedMs
        if (grant.waitedMs > 0) onAttributes?.({ [SKEIN.rateWaitMs]: waitedMs })
        try {
          return await paid(name, asked, grant)
        } catch (error) {
          if (
            !isTurnedAway(error) ||
            !(await grant.refused(error.retryAfterMs)) ||
            refusals >= TURNED_AWAY_LIMIT
          )
            throw error
        }
      }
    }

    async function paid(name: string, asked: ChatRequest, grant: RateGrant): Promise<ChatReply> {
      const priced = isOffline ? OFFLINE_MODEL : name
      const { bytes, peerBytes, inputTokens } = promptSize(asked, originPeer(record.run))
      const reservation = await quotas
        .reserve({
          run: record.run,
          key: `${record.conversation} ${context.name}`,
          attempt,
          model: priced,
          inputTokens,
          maxOutputTokens: asked.maxOutputTokens,
        })
        .catch((error) => {
          grant.settle('none')
          throw error
        })
      async function settle(settlement: Settlement, told = usageOf(settlement)): Promise<void> {
        onCall?.({
          model: priced,
          inputTokens: told?.inputTokens ?? null,
          outputTokens: told?.outputTokens ?? null,
          promptBytes: bytes,
          peerBytes,
        })
        grant.settle(settlement)
        await quotas.settle(reservation, settlement)
      }
      if (signal.aborted) {
        grant.settle('none')
        await quotas.settle(reservation, 'none')
        throw signal.reason
      }
      const { maxOutputTokens } = reservation
      const capped = { ...asked, ...(maxOutputTokens !== undefined && { maxOutputTokens }) }
      let begun = false
      try {
        const stream = model.stream(capped, { signal, traceparent, onRateTold: grant.told })
        const reply = await orAborted(
          collectReply(stream, () => {
            begun = true
          }),
          signal,
        )
        await settle(reply.usage ?? (isOffline ? NO_TOKENS : 'unknown'), reply.usage)
        return reply
      } catch (error) {
        await settle(usedBy(error, begun))
        throw error
      }
    }

    const passed: string[] = []
    const candidate = (name: string, next: string | undefined, named: boolean): Model => ({
      ...{ provider: model.provider, name },
      async *stream(asked) {
        const ask = (fitted: ChatRequest) =>
          bought(name, fitted, next === undefined ? RATE_PATIENCE_MS - waitedMs : PATIENCE_WITH_FALLBACK_MS)
        yield* chunksOf(await fit(name, named ? { ...asked, model: name } : asked, ask))
      },
    })
    const candidates = others.map((name, index) => candidate(name, others[index + 1], true))
    const all = fallbackModel([candidate(first, others[0], false), ...candidates], {
      // What it cannot hold, another one can, or the first one can later.
      isItsOwn: ({ code }, { name }) => code === 'model.context-length' && name !== first,
      onFallback({ from, error }) {
        passed.push(`${from.name}: ${error.code}`)
        onAttributes?.({ [SKEIN.fallbackFrom]: [...passed] })
      },
    })
    return collectReply(all.stream(request, { signal }))
  }
}

const isTurnedAway = (error: unknown): error is ModelError =>
  error instanceof ModelError && error.code === 'model.rate-limited' && error.retryable

const usageOf = (settlement: Settlement): Usage | undefined =>
  settlement === 'none' ? NO_TOKENS : settlement === 'unknown' ? undefined : settlement

/** @param begun text of the reply came */
function usedBy(error: unknown, begun: boolean): Settlement {
  if (!(error instanceof ModelError)) return 'unknown'
  return error.usage ?? (!begun && !error.begun && FREE_OF_CHARGE.has(error.code) ? 'none' : 'unknown')
}
