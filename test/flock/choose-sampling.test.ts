import { tracing } from '@opentelemetry/sdk-node'
import { describe, expect, it } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import { chooseSampler } from '../../src/flock/choose-sampling.ts'
import { traceIdOf } from '../../traces/propagation.ts'

const runs = Array.from({ length: 2_000 }, (_, number) => runId(`r-${number}`))
const sampled = (env: Record<string, string>) => runs.filter(chooseSampler(env))
const ratio = (part: string, name = 'traceidratio') =>
  sampled({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: part })

describe('the sampler', () => {
  it.each([
    ['nothing', {}],
    ['an empty variable', { OTEL_TRACES_SAMPLER: '' }],
    ['always_on', { OTEL_TRACES_SAMPLER: 'always_on' }],
    ['parentbased_always_on', { OTEL_TRACES_SAMPLER: 'parentbased_always_on' }],
    ['a ratio that is not said', { OTEL_TRACES_SAMPLER: 'traceidratio' }],
    ['a ratio of 1', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }],
  ])('takes every run under %s', (_, env) => {
    expect(sampled(env)).toEqual(runs)
  })

  it.each([
    ['always_off', { OTEL_TRACES_SAMPLER: 'always_off' }],
    ['parentbased_always_off', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }],
    ['a ratio of 0', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }],
  ])('takes no run under %s', (_, env) => {
    expect(sampled(env)).toEqual([])
  })

  it('takes about as many as the ratio says, and under a higher one the same and more', () => {
    const [few, many] = [ratio('0.1'), ratio('0.5', 'parentbased_traceidratio')]
    expect(few.length).toBeGreaterThan(140)
    expect(few.length).toBeLessThan(260)
    expect(many).toEqual(expect.arrayContaining(few))
    expect(ratio('0.1', 'parentbased_traceidratio')).toEqual(few)
  })

  it.each([0.001, 0.01, 0.5, 0.999])("decides as OpenTelemetry's own sampler: %d", (part) => {
    const own = new tracing.TraceIdRatioBasedSampler(part)
    const { RECORD_AND_SAMPLED } = tracing.SamplingDecision
    const theirs = runs.filter(
      (run) => own.shouldSample(undefined as never, traceIdOf(run)).decision === RECORD_AND_SAMPLED,
    )
    expect(ratio(String(part))).toEqual(theirs)
  })

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, /"sometimes": set always_on/],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1 %' }, /"1 %".*from 0 to 1/],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '-0.1' }, /"-0.1"/],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '100' }, /"100"/],
  ])('refuses what makes no sense: %j', (env, text) => {
    expect(() => chooseSampler(env)).toThrow(
      expect.objectContaining({ code: 'flock.sampler', message: expect.stringMatching(text) }),
    )
  })
})
