import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { blobHashSchema } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { AmbiguousError, ConflictError } from '../../src/bus/errors.ts'
import { PeerTakenError } from '../../src/peer/lease.ts'
import { defineRole } from '../../src/role/define.ts'
import { originPeer } from '../../src/run/origin-address.ts'
import { readRun } from '../../src/run/run-record.ts'
import { holdOrigin } from '../../src/run/start-run.ts'
import { runPrefix } from '../../src/turn/record.ts'
import { dispatcher, everything, flock, run, runner, shopping } from './flock.ts'

const both = [{ role: dispatcher }, { role: runner, count: 2 }]

/** Ends its work as a whole run ends. */
const judge = defineRole({
  name: 'judge',
  description: '',
  instructions: '',
  accepts: [runProtocol.messages.goal],
  answers: [runProtocol.messages.result],
  policy: () => ({
    kind: 'answer',
    type: 'run.result',
    body: { outcome: 'unsatisfied', reason: 'not good enough', tree: null, patch: null, report: null },
  }),
})

describe('a run', () => {
  it('ends with the answer to its goal', async () => {
    const { host, start, settled } = flock()
    await host('flock', both)
    const { output, record } = await settled(start())
    expect(output).toEqual(everything)
    expect(record).toMatchObject({ state: 'over', outcome: 'completed', reason: null, goal: 'go shopping' })
  })

  it('is written down, from its beginning to its end', async () => {
    const { host, start, settled, submitter } = flock()
    await host('flock', both)
    const { record } = await settled(start())
    const { records } = submitter.ports.bus
    expect((await readRun(records, run))?.record).toEqual(record)
    const states = (await records.history(`run.${run}`)).map(({ value }) =>
      JSON.parse(new TextDecoder().decode(value)),
    )
    expect(states).toMatchObject([
      { state: 'open', outcome: null, endedAt: null },
      { state: 'over', endedAt: record.endedAt },
    ])
  })

  it('ends as the result says, where it is a result', async () => {
    const { host, start, settled } = flock()
    await host('court', [{ role: judge }])
    const goal = { goal: 'justice', base: blobHashSchema.parse('0'.repeat(64)), rounds: 0 }
    const { record } = await settled(
      start({
        start: {
          role: 'judge',
          message: runProtocol.messages.goal,
          body: goal,
          answers: [runProtocol.messages.result],
        },
      }),
    )
    expect(record).toMatchObject({ outcome: 'unsatisfied', reason: 'not good enough' })
  })

  it('fails with its goal, and says why', async () => {
    const { host, start, settled } = flock()
    await host('flock', both)
    const { output, record } = await settled(start({ start: { ...shopping, role: 'runner' } }))
    expect(output).toMatchObject({ kind: 'failure', failure: 'invalid' })
    expect(record).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/no protocol here has a message "errands\.plan"/),
    })
  })

  it('is exhausted when nobody does it in time', async () => {
    const { start, settled, clock } = flock()
    const begun = clock.now()
    const { output, record } = await settled(start({ timeoutMs: 5_000 }))
    expect(output).toMatchObject({ kind: 'failure', failure: 'no-peer' })
    expect(record).toMatchObject({ outcome: 'exhausted', state: 'over' })
    expect(record.endedAt! - begun).toBeLessThan(10_000)
  })

  it('is exhausted when its hops are', async () => {
    const { host, start, settled } = flock()
    await host('flock', both)
    const { output, record } = await settled(start({ hops: 2 }))
    // The dispatcher may hand the errands out, and nobody may answer it.
    expect(output).toMatchObject({ body: { done: [], failed: 4 } })
    expect(record.outcome).toBe('completed')
    const { record: shorter } = await settled(start({ hops: 1, run: 'r2' as typeof run }))
    expect(shorter).toMatchObject({ outcome: 'exhausted', reason: expect.stringMatching(/no hops are left/) })
  })

  it('is cancelled by its signal, before it begins or in the middle', async () => {
    const { host, start, settled, pass, submitter } = flock()
    await host('flock', both)
    const stopping = new AbortController()
    const running = start({ signal: stopping.signal })
    await pass(200)
    stopping.abort()
    const { output, record, journal } = await settled(running)
    expect(output).toBeUndefined()
    expect(record).toMatchObject({ state: 'over', outcome: 'cancelled' })
    expect(journal.length).toBeGreaterThan(1)
    const never = await settled(start({ run: 'r2' as typeof run, signal: stopping.signal }))
    expect(never.record.outcome).toBe('cancelled')
    expect(await submitter.ports.bus.leases.list('peer.origin-r1')).toEqual([])
  })

  it('leaves nothing to work on when it was cancelled, for those who are there nor for those who come', async () => {
    const { host, start, settled, pass, submitter } = flock()
    const first = await host('first', both)
    const stopping = new AbortController()
    const running = start({ signal: stopping.signal })
    await pass(200)
    expect(first.load().conversations).toBeGreaterThan(0)
    stopping.abort()
    await settled(running)
    await pass(1_000)
    expect(first.load()).toEqual({ conversations: 0, busy: 0 })
    await settled(first.drain())
    const before = await settled(submitter.ports.bus.records.history(runPrefix(run)))
    const second = await host('second', both)
    await pass(60_000)
    expect(second.load()).toEqual({ conversations: 0, busy: 0 })
    expect(await settled(submitter.ports.bus.records.history(runPrefix(run)))).toEqual(before)
  })

  it('shows every commit as it comes', async () => {
    const { host, start, settled } = flock()
    await host('flock', both)
    const seen: unknown[] = []
    const { journal } = await settled(start({ onCommit: (commit) => seen.push(commit) }))
    expect(seen).toEqual(journal)
  })

  it('goes on in another process when one dies in the middle of it', async () => {
    const { host, start, settled, pass } = flock()
    const first = await host('first', both)
    const running = start()
    await pass(1_000)
    first.die()
    await pass(15_000) // until the leases ran out
    await host('second', both)
    expect((await settled(running)).output).toEqual(everything)
  })

  it('goes on in another process when one drains in the middle of it', async () => {
    const { host, start, settled, pass } = flock()
    const first = await host('first', both)
    const running = start()
    await pass(1_000)
    await settled(first.drain())
    await host('second', both)
    expect((await settled(running)).output).toEqual(everything)
  })
})

describe('the name of a run', () => {
  const leases = (submitter: ReturnType<typeof flock>['submitter']) =>
    submitter.ports.bus.leases.list(`peer.${originPeer(run)}`)

  it('is taken while the run is under way', async () => {
    const { start, settled, submitter } = flock()
    const first = start({ timeoutMs: 1_000 })
    await expect(settled(start())).rejects.toBeInstanceOf(PeerTakenError)
    await settled(first)
    expect(await leases(submitter)).toEqual([])
  })

  it('is taken for good, and nothing is left held by who tries it again', async () => {
    const { start, settled, submitter } = flock()
    await settled(start({ timeoutMs: 1_000 }))
    await expect(settled(start())).rejects.toBeInstanceOf(ConflictError)
    expect(await leases(submitter)).toEqual([])
  })

  it('may be announced before the run begins, and stays the caller’s', async () => {
    const { start, settled, submitter } = flock()
    const { bus, clock, log } = submitter.ports
    const lease = await holdOrigin(run, { leases: bus.leases, clock, log })
    await settled(start({ lease, timeoutMs: 1_000 }))
    expect(await leases(submitter)).toHaveLength(1)
    await settled(lease.release())
  })
})

describe('a run that would never end', () => {
  const oneway = defineProtocol('oneway', 1, { shout: z.object({}) })

  it('is refused, and leaves nothing behind', async () => {
    const { start, settled, submitter } = flock()
    const shout = { role: 'runner', message: oneway.messages.shout, body: {}, answers: [] }
    await expect(settled(start({ start: shout }))).rejects.toThrow(/no run can begin with "oneway\.shout"/)
    expect(await submitter.ports.bus.leases.list('peer')).toEqual([])
    expect(await readRun(submitter.ports.bus.records, run)).toBeUndefined()
  })
})

describe('the end of a run', () => {
  it('is known though its write was not answered', async () => {
    let writes = 0
    const { host, start, settled } = flock(({ name, key }) => ({
      unanswered: name === 'records.append' && key === `run.${run}` && ++writes === 2,
    }))
    await host('flock', both)
    expect((await settled(start())).record.outcome).toBe('completed')
  })

  it('is written again until it has arrived', async () => {
    const { host, start, settled, submitter } = flock()
    await host('flock', both)
    const { bus } = submitter.ports
    let lost = 0
    const lossy = (times: number): typeof bus => ({
      ...bus,
      records: {
        ...bus.records,
        append: async (key, value, expected) => {
          if (key.startsWith('run.') && expected > 0 && lost++ < times) throw new AmbiguousError('the end')
          return bus.records.append(key, value, expected)
        },
      },
    })
    expect((await settled(start({ bus: lossy(2) }))).record.outcome).toBe('completed')
    lost = 0
    const { record } = await settled(start({ run: 'r2' as typeof run, bus: lossy(12) }))
    expect(record).toMatchObject({ state: 'over', outcome: 'completed' })
  })
})
