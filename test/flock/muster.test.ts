import { describe, expect, it, onTestFinished } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import { chooseModel } from '../../src/flock/choose-model.ts'
import { hostHere } from '../../src/flock/host-here.ts'
import { muster } from '../../src/flock/muster.ts'
import { holdOrigin } from '../../src/run/start-run.ts'
import { clerk, processes } from './clerks.ts'

async function hosting(count: number) {
  const open = processes()
  const [ports, other] = [await open('peers', 7), await open('run', 8)]
  const model = await chooseModel({ env: {}, clock: ports.clock })
  const { hosted } = await hostHere(ports, [{ role: clerk, count }], model)
  onTestFinished(() => hosted.drain())
  const wanted = [{ role: clerk, count: 3 }]
  return { hosted, count: (name = model.name) => muster(other.bus, other.clock, wanted, name), other }
}

describe('muster', () => {
  it('counts those who are there, and says how many are missing', async () => {
    const { count } = await hosting(2)
    const { present, missing } = await count()
    expect(present).toEqual([
      { peer: 'clerk-1', role: 'clerk', pid: 7, model: 'offline' },
      { peer: 'clerk-2', role: 'clerk', pid: 7, model: 'offline' },
    ])
    expect(missing).toEqual([{ role: clerk, count: 1 }])
  })

  it('does not count who is about to leave, until they stay after all', async () => {
    const { hosted, count } = await hosting(1)
    hosted.retire(true)
    expect((await count()).present).toEqual([])
    hosted.retire(false)
    expect((await count()).present).toHaveLength(1)
  })

  it('refuses peers with another model, by both names, and not those who are about to leave', async () => {
    const { hosted, count } = await hosting(1)
    const counting = count('gpt-5-mini')
    await expect(counting).rejects.toMatchObject({ code: 'flock.other-model' })
    await expect(counting).rejects.toThrow(/"clerk-1".*"offline".*"gpt-5-mini".*--model offline.*--state-dir/)
    hosted.retire(true)
    expect((await count('gpt-5-mini')).missing).toEqual([{ role: clerk, count: 3 }])
  })

  it('does not wait for the origins of runs', async () => {
    const { count, other } = await hosting(1)
    const { bus, clock, log } = other
    const lease = await holdOrigin(runId('r-1'), { leases: bus.leases, clock, log })
    onTestFinished(() => lease.release())
    expect((await count()).present).toHaveLength(1)
  })
})
