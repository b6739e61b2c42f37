/** A model that answers when a test says so, and then as another one does. */
import type { Model } from '../../src/model/model.ts'

export function deciding(model: Model): { readonly model: Model; readonly calls: number; decide(): void } {
  let calls = 0
  let decide = () => {}
  const decided = new Promise<void>((resolve) => {
    decide = resolve
  })
  return {
    get calls() {
      return calls
    },
    decide,
    model: {
      ...model,
      async *stream(request, options) {
        calls++
        const aborted = new Promise((resolve) =>
          options.signal.addEventListener('abort', resolve, { once: true }),
        )
        await Promise.race([decided, aborted])
        yield* model.stream(request, options)
      },
    },
  }
}
