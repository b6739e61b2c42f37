/**
 * Which runs are traced, as OpenTelemetry's `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` say: decided by whoever
 * begins a run, for all who take part in it, since their messages carry the decision. A run is the root of its trace,
 * so a sampler that follows its parent is the one that it has for roots.
 *
 * A ratio decides by the trace id, as the SDK's `TraceIdRatioBasedSampler` does: for one run everybody decides the same,
 * and what a ratio samples, a higher one samples as well.
 */
import type { RunId } from '../../protocols/ids.ts'
import { traceIdOf } from '../../traces/propagation.ts'
import type { Env } from '../embedded/command.ts'
import { FlockError } from './errors.ts'

export type Sampler = (run: RunId) => boolean

const SAMPLER = 'OTEL_TRACES_SAMPLER'
const RATIO = 'OTEL_TRACES_SAMPLER_ARG'

const always: Sampler = () => true
const never: Sampler = () => false

/** @throws FlockError `flock.sampler` */
export function chooseSampler(env: Env): Sampler {
  switch (env[SAMPLER] || 'always_on') {
    case 'always_on':
    case 'parentbased_always_on':
      return always
    case 'always_off':
    case 'parentbased_always_off':
      return never
    case 'traceidratio':
    case 'parentbased_traceidratio': {
      const ratio = ratioIn(env)
      return (run) => isBelow(ratio, traceIdOf(run))
    }
    default:
      throw new FlockError(
        'sampler',
        `${SAMPLER} is "${env[SAMPLER]}": set always_on, always_off or traceidratio, or one of them with "parentbased_" before it`,
      )
  }
}

/** All of them where none is said, as OpenTelemetry has it. */
function ratioIn(env: Env): number {
  const text = env[RATIO]?.trim() || '1'
  const ratio = Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  throw new FlockError(
    'sampler',
    `${RATIO} is "${text}": set the part of all runs that is to be traced, from 0 to 1, such as 0.01`,
  )
}

/** The four words of a trace id laid over each other, among all that they may be. */
function isBelow(ratio: number, traceId: string): boolean {
  if (ratio === 1) return true
  const words = traceId.match(/.{8}/g)!.map((digits) => Number.parseInt(digits, 16))
  const laid = words.reduce((over, word) => over ^ word) >>> 0
  return laid < Math.floor(ratio * 0xffffffff)
}
