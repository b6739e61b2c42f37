import { describe, expect, it } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import { silentLog } from '../../src/log.ts'
import { followRuns, REMEMBERED } from '../../src/run/run-states.ts'
import { dispatcher, flock, run, runner } from './flock.ts'

describe('what a process knows of runs', () => {
  it('keeps those that are under way, and of those that are over the latest: others are looked up', async () => {
    const { host, start, settled, process } = flock()
    await host('one', [{ role: dispatcher }, { role: runner }])
    const { record } = await settled(start())
    const { bus } = process('onlooker').ports
    const states = followRuns(bus.records, silentLog)
    const open = { ...record, run: runId('open'), state: 'open' as const }
    states.note(open)
    states.note(record)
    for (let count = 1; count < REMEMBERED; count++) states.note({ ...record, run: runId(`over-${count}`) })
    expect(states.known(run)).toEqual(record)
    states.note({ ...record, run: runId('one-more') })
    expect(states.known(run)).toBeUndefined()
    expect(await settled(states.find(run))).toEqual(record)
    expect(states.known(runId('over-1'))).toBeUndefined()
    expect(states.underWay()).toEqual([open])
  })
})
