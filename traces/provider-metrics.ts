/** Metrics on the instruments of OpenTelemetry's SDK, which the provider hands in: each is made when it is first used. */
import type { Gauge, Histogram, Meter, Metric } from './meter.ts'
import type { Sdk, Timers } from './provider.ts'
import { attributesOf } from './provider-attributes.ts'

type SdkMeter = ReturnType<Sdk['api']['metrics']['getMeter']>
type Observed = Parameters<Parameters<ReturnType<SdkMeter['createObservableGauge']>['addCallback']>[0]>[0]

/** Longest that a collection waits for one value, in milliseconds: one that is late must not keep the others. */
const READ_TIMEOUT_MS = 1_000

export function meterOn(sdk: SdkMeter, timers: Timers): Meter {
  const counters = memo((metric) => sdk.createCounter(metric.name, optionsOf(metric)))
  const gauges = memo((metric) => sdk.createObservableGauge(metric.name, optionsOf(metric)))
  const histograms = memo((metric: Histogram) =>
    sdk.createHistogram(metric.name, {
      ...optionsOf(metric),
      advice: { explicitBucketBoundaries: [...metric.buckets] },
    }),
  )
  return {
    add: (metric, by, attributes) => counters(metric).add(by, attributesOf(attributes)),
    record: (metric, value, attributes) => histograms(metric).record(value, attributesOf(attributes)),
    observe(metric: Gauge, read, attributes) {
      const gauge = gauges(metric)
      const tell = async (observed: Observed) => {
        const value = await inTime(read, timers)
        if (value !== undefined) observed.observe(value, attributesOf(attributes))
      }
      gauge.addCallback(tell)
      return () => gauge.removeCallback(tell)
    },
  }
}

function memo<Of extends Metric, Instrument>(make: (metric: Of) => Instrument): (metric: Of) => Instrument {
  const made = new Map<string, Instrument>()
  return (metric) => {
    const instrument = made.get(metric.name) ?? make(metric)
    made.set(metric.name, instrument)
    return instrument
  }
}

const optionsOf = ({ unit, description }: Metric) => ({ unit, description })

/** Undefined where it fails or comes late: nobody misses one value of a minute. */
async function inTime(
  read: () => number | Promise<number | undefined>,
  timers: Timers,
): Promise<number | undefined> {
  let timer: { cancel(): void } | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = timers.setTimer(READ_TIMEOUT_MS, () => resolve(undefined))
  })
  try {
    return await Promise.race([read(), late])
  } catch {
    return undefined
  } finally {
    timer?.cancel()
  }
}
