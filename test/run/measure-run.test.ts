import { describe, expect, it } from 'vitest'
import { offlineModel } from '../../src/model/offline.ts'
import { deciding } from '../peer/slow-model.ts'
import { dispatcher, flock, offline, runner } from './flock.ts'

const both = [{ role: dispatcher }, { role: runner, count: 2 }]

describe('a run', () => {
  it('is counted once when it is over, by its outcome and with its duration', async () => {
    const { host, start, settled, pass, counts } = flock()
    await host('flock', both)
    const { record } = await settled(start())
    await pass(10_000)
    const attributes = { 'skein.outcome': 'completed' }
    expect(counts.points('skein.runs')).toEqual([{ value: 1, attributes }])
    const value = (record.endedAt! - record.startedAt) / 1_000
    expect(counts.points('skein.run.duration')).toEqual([{ value, attributes }])
  })

  it('counts alike, whether or not it is traced', async () => {
    async function counted(sampled: boolean) {
      const { host, start, settled, counts } = flock()
      await host('flock', both)
      await settled(start({ sampled }))
      const names = ['skein.turns', 'messaging.client.sent.messages', 'skein.conversations.closed']
      return names.map((name) => counts.sum(name))
    }
    const [turns, sent, closed] = await counted(true)
    expect(await counted(false)).toEqual([turns, sent, closed])
    expect(turns).toBeGreaterThan(10)
    expect(closed).toBe(6) // the origin, the dispatcher and four errands
  })
})

describe('a process that hosts peers', () => {
  it('tells when it is asked what waits for its roles and what is under way, until it drains', async () => {
    const { host, start, settled, pass, counts, submitter } = flock()
    const slow = deciding(offlineModel({ runner: runner.policy }))
    const modelFor = (role: typeof runner) => (role.name === 'runner' ? slow.model : offline(role))
    const hosted = await host('flock', both, { modelFor })
    const end = start()
    await pass(1_000)
    const values = async () =>
      Object.fromEntries(
        (await settled(counts.read())).map(({ name, attributes, value }) => [
          `${name} ${attributes['skein.role']}`,
          value,
        ]),
      )
    const { mailboxes } = submitter.ports.bus
    const depth = await settled(mailboxes.depth({ kind: 'role', role: runner.name }))
    expect(depth).toBeGreaterThan(0)
    // Two runners with room for one errand each.
    expect(await values()).toEqual({
      'skein.mailbox.depth dispatcher': 0,
      'skein.effects.active dispatcher': 0,
      'skein.mailbox.depth runner': depth,
      'skein.effects.active runner': 2,
    })
    slow.decide()
    await settled(end)
    expect(await values()).toMatchObject({
      'skein.mailbox.depth runner': 0,
      'skein.effects.active runner': 0,
    })
    await settled(hosted.drain())
    expect(await counts.read()).toEqual([])
  })
})
