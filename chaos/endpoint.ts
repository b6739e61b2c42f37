/** A model behind an endpoint of one's own, that notes every call it is asked for: what one pays for. */
import { sleep } from '../src/time/clock.ts'
import type { SeededRandom } from '../src/time/random.ts'
import { ruleModel } from '../test/e2e/rule-model.ts'
import { startOpenaiStub } from '../test/model/openai-stub.ts'
import { parseTraceparent } from '../traces/propagation.ts'
import type { Stage } from './stage.ts'

/** Says who asks: the span of the effect. */
export type ModelRequest = { readonly spanId: string | undefined; readonly at: number }

export interface Endpoint {
  readonly env: Readonly<Record<string, string>>
  requests(): readonly ModelRequest[]
  close(): Promise<void>
}

export const MODEL = 'rules'

/** A reply takes so long, so that kills hit calls in flight. */
const LATENCY_MS = { least: 100, most: 600 }

export async function openEndpoint({ clock, signal }: Stage, random: SeededRandom): Promise<Endpoint> {
  const times: number[] = []
  const stub = await startOpenaiStub(async (request, call) => {
    times[call - 1] = clock.now()
    const latency = LATENCY_MS.least + random.next() * (LATENCY_MS.most - LATENCY_MS.least)
    await sleep(clock, latency, signal)
    return ruleModel(request, call)
  })
  return {
    env: { OPENAI_BASE_URL: stub.url, OPENAI_API_KEY: 'none' },
    requests: () =>
      stub.requests.flatMap(({ headers, call }) => {
        const at = times[call - 1]
        // One that the endpoint found wrong costs nothing.
        return at === undefined ? [] : { spanId: parseTraceparent(headers.traceparent ?? '')?.spanId, at }
      }),
    close: stub.close,
  }
}
