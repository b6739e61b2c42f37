import { describe, expect, it } from 'vitest'
import { conversationId } from '../../protocols/ids.ts'
import { readRun } from '../../src/run/run-record.ts'
import { recordKey } from '../../src/turn/record.ts'
import { dispatcher, flock, run } from './flock.ts'

describe('a run with a record that this version cannot read', () => {
  it('ends when its time is over, as any other', async () => {
    const { host, start, pass, submitter, settled } = flock()
    await host('one', [{ role: dispatcher }]) // and nobody runs the errands
    void start({ timeoutMs: 60_000 })
    await pass(1_000)
    const { records } = submitter.ports.bus
    const newer = Buffer.from('{"format":9}')
    await settled(records.append(recordKey(conversationId(run, 'newer')), newer, 0))
    await pass(300_000)
    expect((await settled(readRun(records, run)))?.record).toMatchObject({
      state: 'over',
      outcome: 'exhausted',
    })
  })
})
