import { describe, expect, it } from 'vitest'
import { type Limits, NO_LIMITS, quotaProblem } from '../../src/run/quota.ts'
import { createQuotas } from '../../src/run/quotas.ts'
import { summarise } from '../../src/run/summary.ts'
import { seededRandom } from '../../src/time/random.ts'
import { deciding } from '../peer/slow-model.ts'
import { dispatcher, everything, flock, offline, run, runner } from './flock.ts'

/** A flock whose run has limits. */
async function limited(limits: Partial<Limits>) {
  const here = flock()
  const { records } = here.network.connect('accountant')
  const quotas = createQuotas({ records, clock: here.clock, random: seededRandom(3) })
  await here.settled(quotas.open(run, { ...NO_LIMITS, ...limits }))
  return { ...here, quotas, quota: async () => (await here.settled(quotas.read(run)))! }
}

describe('a run with limits', () => {
  it('books each of its calls, and leaves nothing reserved', async () => {
    const { host, start, settled, quota } = await limited({ tokens: 1_000_000, money: 0 })
    await host('one', [{ role: dispatcher }, { role: runner }])
    await host('two', [{ role: runner }])
    const { output, journal } = await settled(start())
    expect(output).toEqual(everything)
    const ledger = await quota()
    expect(quotaProblem(ledger)).toBeUndefined()
    expect(ledger).toMatchObject({ reserved: {}, spent: { calls: summarise(journal).spent.calls } })
  })

  it('that is used up tells those who wait for its agents so', async () => {
    const { host, start, settled, quota } = await limited({ tokens: 100 })
    await host('one', [{ role: dispatcher }, { role: runner }])
    const { journal } = await settled(start())
    const failures = journal.flatMap(({ outbox }) =>
      outbox.flatMap(({ message: { type, body } }) => (type === 'failure' ? [body] : [])),
    )
    expect(failures.length).toBeGreaterThan(0)
    for (const failure of failures) expect(failure).toMatchObject({ kind: 'exhausted' })
    expect(await quota()).toMatchObject({ spent: { calls: 0 }, reserved: {} })
  })

  it('counts as messages what its limit counts: no failure, and nothing that only brings stake home', async () => {
    const { host, start, settled, quota } = await limited({ tokens: 100, messages: 1_000 })
    await host('one', [{ role: dispatcher }, { role: runner }])
    const { journal } = await settled(start())
    const types = journal.flatMap(({ outbox }) => outbox.map(({ message }) => message.type))
    expect(types).toEqual(expect.arrayContaining(['failure', 'run.idle']))
    const { messages } = summarise(journal)
    expect(messages).toBeGreaterThan(0)
    expect((await quota()).spent.messages).toBe(messages)
  })

  it('orphans what a process that died had reserved, and goes on', async () => {
    const { host, start, settled, pass, quota, quotas } = await limited({ tokens: 1_000_000 })
    await host('one', [{ role: dispatcher }])
    const dying = await host('two', [{ role: runner }], {
      modelFor: (role) => deciding(offline(role)).model,
    })
    const going = start()
    await pass(1_500)
    const before = await quota()
    expect(Object.keys(before.reserved)).not.toEqual([])
    dying.die()
    await host('three', [{ role: runner }])
    expect((await settled(going)).output).toEqual(everything)
    const ledger = await quota()
    expect(quotaProblem(ledger)).toBeUndefined()
    expect(ledger.orphaned.tokens).toBeGreaterThan(0)
    await settled(quotas.close(run))
    expect(await quota()).toMatchObject({ closed: true, reserved: {} })
  })
})
