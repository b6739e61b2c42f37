import { describe, expect, it } from 'vitest'
import { tuningOf } from '../../src/flock/tuning.ts'

describe('an installation', () => {
  it('adopts within ten seconds and keeps one copy, unless it is told otherwise', () => {
    expect(tuningOf({})).toEqual({ leaseTtlMs: 6_666, ackWaitMs: 10_000, replicas: 1 })
    expect(tuningOf({ SKEIN_ADOPTION: '', SKEIN_NATS_REPLICAS: '' })).toEqual(tuningOf({}))
    expect(tuningOf({ SKEIN_ADOPTION: '3s', SKEIN_NATS_REPLICAS: '3' })).toEqual({
      leaseTtlMs: 2_000,
      ackWaitMs: 3_000,
      replicas: 3,
    })
  })

  it.each([
    [{ SKEIN_ADOPTION: 'soon' }, 'flock.adoption'],
    [{ SKEIN_ADOPTION: '10' }, 'flock.adoption'],
    [{ SKEIN_ADOPTION: '1ms' }, 'flock.adoption'],
    [{ SKEIN_NATS_REPLICAS: '0' }, 'flock.replicas'],
    [{ SKEIN_NATS_REPLICAS: 'all' }, 'flock.replicas'],
  ])('is told what is wrong with %o', (env, code) => {
    expect(() => tuningOf(env)).toThrow(expect.objectContaining({ code }))
  })
})
