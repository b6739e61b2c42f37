/**
 * A model made of several: where the first cannot be had, the next is asked, with the same request. Only for what
 * another model may be spared: it is away, or too busy, or not there. Never for a request that is wrong or a key that
 * is not taken, which are ours to mend; never once something of a reply was passed on.
 */
import { type ChatChunk, type Model, ModelError } from './model.ts'

export type FallbackOptions = {
  /** Told before the next one is asked. */
  readonly onFallback?: (passed: {
    readonly from: Model
    readonly to: Model
    readonly error: ModelError
  }) => void
  /** Failures besides those that are always a model's own, after which the next one is asked. */
  readonly isItsOwn?: (error: ModelError, model: Model) => boolean
}

/** Failures of the one model, or of its endpoint. */
const ITS_OWN: ReadonlySet<string> = new Set(
  ['unreachable', 'timeout', 'unavailable', 'rate-limited', 'not-found'].map((code) => `model.${code}`),
)

/**
 * It goes by the name of the first. A model that a request names is the first one's; the others go by their own.
 * @throws ModelError of the last that was asked, or of an earlier one that may work later where the last never will
 * @example
 * const model = fallbackModel([openaiModel({ … }), openaiModel({ …, model: 'smaller' })])
 */
export function fallbackModel(
  models: readonly [Model, ...Model[]],
  { onFallback, isItsOwn = () => false }: FallbackOptions = {},
): Model {
  const [first] = models
  return {
    provider: first.provider,
    name: first.name,
    async *stream(request, options) {
      const { model: _, ...unnamed } = request
      let hopeful: ModelError | undefined
      for (const [index, model] of models.entries()) {
        let isBegun = false
        try {
          for await (const chunk of model.stream(index === 0 ? request : unnamed, options)) {
            isBegun = true
            yield chunk satisfies ChatChunk
          }
          return
        } catch (error) {
          options.signal.throwIfAborted()
          if (isBegun || !(error instanceof ModelError)) throw error
          if (!ITS_OWN.has(error.code) && !isItsOwn(error, model)) throw error
          if (error.retryable) hopeful = error
          const next = models[index + 1]
          if (next === undefined) throw error.retryable ? error : (hopeful ?? error)
          onFallback?.({ from: model, to: next, error })
        }
      }
    },
  }
}
