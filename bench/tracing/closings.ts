/** Sees rallies end where nobody traces them: conversations that close are counted. */
import type { RoleName } from '../../protocols/ids.ts'
import { type Meter, silentMeter } from '../../traces/meter.ts'
import { METRIC } from '../../traces/metrics.ts'
import { SKEIN } from '../../traces/names.ts'
import { BenchError } from '../errors.ts'

export interface Closings {
  /** For the host of the role. Tells all to the other one. */
  readonly meter: Meter
  /** Resolves when so many more conversations have ended well. @throws BenchError `bench.rally-failed` */
  next(conversations: number): Promise<void>
}

export function closingsOf(role: RoleName, told: Meter = silentMeter): Closings {
  let left = 0
  let resolve = () => {}
  let reject = (_: BenchError) => {}
  return {
    meter: {
      ...told,
      add(metric, by, attributes) {
        told.add(metric, by, attributes)
        if (metric.name !== METRIC.conversations.name || attributes?.[SKEIN.role] !== role) return
        if (attributes[SKEIN.outcome] !== 'done')
          reject(new BenchError('rally-failed', 'a rally ended badly'))
        else if (--left === 0) resolve()
      },
    },
    next: (conversations) =>
      new Promise((done, failed) => {
        left = conversations
        resolve = done
        reject = failed
      }),
  }
}
