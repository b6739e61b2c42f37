import { describe, expect, it, vi } from 'vitest'
import { type BlobHash, runId } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { headKey, initialiseHead, type MergeRequest, mergeIntoHead, readHead } from '../../src/tools/head.ts'
import { readTree } from '../../src/tools/tree.ts'
import { faultsOf, settled } from '../bus/memory/virtual.ts'
import { aBus, type Files, filesOf, never, storedTree } from './workspace.ts'

const run = runId('r1')
const FIRST: Files = { a: 'a\n', b: 'b\n', c: 'c\n' }

async function started(bus: Bus = aBus()) {
  const base = await storedTree(bus.blobs, FIRST)
  await initialiseHead(bus.records, run, base)
  const tree = (files: Files) => storedTree(bus.blobs, { ...FIRST, ...files })
  const merge = (request: Pick<MergeRequest<string>, 'task' | 'tree'> & Partial<MergeRequest<string>>) =>
    mergeIntoHead<string>({
      ...{ blobs: bus.blobs, records: bus.records, run, base, signal: never() },
      check: () => Promise.resolve(undefined),
      ...request,
    })
  const files = async (hash?: BlobHash) =>
    filesOf(bus.blobs, await readTree(bus.blobs, hash ?? (await readHead(bus.records, run))!.tree))
  return { ...bus, base, tree, merge, files, history: () => bus.records.history(headKey(run)) }
}

describe('initialiseHead', () => {
  it('makes the first tree the head', async () => {
    const { records, base } = await started()
    expect(await readHead(records, run)).toEqual({ version: 1, tree: base, merged: [] })
  })

  it('keeps the head that somebody else made first', async () => {
    const { records, blobs, base, history } = await started()
    const other = await storedTree(blobs, {})
    expect((await initialiseHead(records, run, other)).tree).toBe(base)
    expect(await history()).toHaveLength(1)
  })

  it('finds its own write where the answer was lost', async () => {
    const clock = virtualClock()
    const faults = faultsOf('records.append', { unanswered: true })
    const bus = memoryNetwork({ clock, random: seededRandom(1), faults }).connect('test')
    const { records, base } = await settled(clock, started(bus))
    expect((await readHead(records, run))!.tree).toBe(base)
    expect(await bus.records.history(headKey(run))).toHaveLength(1)
  })
})

describe('mergeIntoHead', () => {
  it('adds the work to what others merged since it started', async () => {
    const { records, tree, merge, files, base } = await started()
    const [one, two] = [await tree({ a: 'A\n' }), await tree({ b: 'B\n' })]
    await merge({ task: 't1', tree: one })
    const outcome = await merge({ task: 't2', tree: two })
    expect(await files()).toEqual({ a: 'A\n', b: 'B\n', c: 'c\n' })
    const head = (await readHead(records, run))!
    expect(outcome).toEqual({ kind: 'merged', tree: head.tree })
    expect(head.merged).toEqual([
      { task: 't1', tree: one, base },
      { task: 't2', tree: two, base },
    ])
  })

  it('has the merged tree checked, not the work alone, before it is the head', async () => {
    const { records, tree, merge, files } = await started()
    await merge({ task: 't1', tree: await tree({ a: 'A\n' }) })
    const before = (await readHead(records, run))!.tree
    const outcome = await merge({
      task: 't2',
      tree: await tree({ b: 'B\n' }),
      check: async (merged) => {
        expect(await files(merged)).toEqual({ a: 'A\n', b: 'B\n', c: 'c\n' })
        expect((await readHead(records, run))!.tree).toBe(before)
        return undefined
      },
    })
    expect(outcome.kind).toBe('merged')
  })

  it('leaves the head as it is where the check finds a problem, and says which', async () => {
    const { records, tree, merge, base, history } = await started()
    const bad = await tree({ a: 'bad\n' })
    const outcome = await merge({ task: 't1', tree: bad, check: async () => 'a is bad' })
    expect(outcome).toEqual({ kind: 'rejected', head: base, tree: bad, problem: 'a is bad' })
    expect((await readHead(records, run))!.tree).toBe(base)
    expect(await history()).toHaveLength(1)
  })

  it('passes on what the check throws', async () => {
    const { tree, merge } = await started()
    const check = () => Promise.reject(new Error('no npm here'))
    await expect(merge({ task: 't1', tree: await tree({ a: '2' }), check })).rejects.toThrow('no npm here')
  })

  it('answers an overlap with the head to start again from', async () => {
    const { tree, merge } = await started()
    const one = await tree({ a: 'one\n' })
    const check = vi.fn(async () => undefined)
    await merge({ task: 't1', tree: one })
    const outcome = await merge({ task: 't2', tree: await tree({ a: 'two\n' }), check })
    expect(outcome).toMatchObject({ kind: 'overlap', head: one, conflicts: [{ path: 'a', reason: 'lines' }] })
    expect(check).not.toHaveBeenCalled()
  })

  it('applies the same work of a task once, also after others merged theirs', async () => {
    const { records, tree, merge, history } = await started()
    const one = await tree({ a: 'one\n' })
    await merge({ task: 't1', tree: one })
    await merge({ task: 't2', tree: await tree({ b: 'two\n' }) })
    const again = await merge({
      task: 't1',
      tree: one,
      check: () => Promise.reject(new Error('checked again')),
    })
    expect(again).toEqual({ kind: 'merged', tree: (await readHead(records, run))!.tree })
    expect(await history()).toHaveLength(3)
  })

  it('replaces the entry of a task by its revision, which starts from the head it was given', async () => {
    const { records, blobs, tree, merge, files } = await started()
    await merge({ task: 't1', tree: await tree({ a: 'first\n' }) })
    await merge({ task: 't2', tree: await tree({ b: 'B\n' }) })
    const base = (await readHead(records, run))!.tree
    const revised = await storedTree(blobs, { ...(await files()), a: 'second\n' })
    await merge({ task: 't3', tree: await tree({ c: 'C\n' }) })
    await merge({ task: 't1', tree: revised, base })
    expect(await files()).toEqual({ a: 'second\n', b: 'B\n', c: 'C\n' })
    expect((await readHead(records, run))!.merged.map(({ task }) => task)).toEqual(['t2', 't3', 't1'])
    expect((await readHead(records, run))!.merged.at(-1)).toEqual({ task: 't1', tree: revised, base })
  })

  it('merges and checks anew when somebody was faster', async () => {
    const { tree, merge, files } = await started()
    const [one, two] = [await tree({ a: 'A\n' }), await tree({ b: 'B\n' })]
    const checked: Files[] = []
    const check = async (merged: BlobHash) => {
      if (checked.length === 0) await merge({ task: 't2', tree: two })
      checked.push(await files(merged))
      return undefined
    }
    expect((await merge({ task: 't1', tree: one, check })).kind).toBe('merged')
    expect(checked.map(({ b }) => b)).toEqual(['b\n', 'B\n'])
    expect(await files()).toEqual({ a: 'A\n', b: 'B\n', c: 'c\n' })
  })

  it('loses nothing when many merge at the same time', async () => {
    const { tree, merge, files, history } = await started()
    const names = Array.from({ length: 12 }, (_, index) => `new-${index}`)
    await Promise.all(names.map(async (name) => merge({ task: name, tree: await tree({ [name]: name }) })))
    expect(await files()).toEqual({ ...FIRST, ...Object.fromEntries(names.map((name) => [name, name])) })
    expect(await history()).toHaveLength(names.length + 1)
  })

  it('finds its own write where the answer was lost', async () => {
    const clock = virtualClock()
    const faults = faultsOf('records.append', {}, { unanswered: true })
    const bus = memoryNetwork({ clock, random: seededRandom(1), faults }).connect('test')
    const { tree, merge, files, history } = await started(bus)
    const check = vi.fn(async () => undefined)
    const one = await tree({ a: 'A\n' })
    const outcome = await settled(clock, merge({ task: 't1', tree: one, check }))
    expect(outcome).toEqual({ kind: 'merged', tree: one })
    expect(check).toHaveBeenCalledTimes(1)
    expect(await history()).toHaveLength(2)
    expect(await files()).toEqual({ ...FIRST, a: 'A\n' })
  })

  it('gives up where the head never stays still', async () => {
    const { tree, merge } = await started()
    let others = 0
    const check = async () => {
      others++
      await merge({ task: `other-${others}`, tree: await tree({ [`other-${others}`]: '' }) })
      return undefined
    }
    const outcome = merge({ task: 't1', tree: await tree({ a: 'A\n' }), check })
    await expect(outcome).rejects.toMatchObject({ code: 'head.busy' })
  })

  it('says so in a run that has no head', async () => {
    const { blobs, records } = aBus()
    const tree = await storedTree(blobs, FIRST)
    const request = { blobs, records, run, task: 't1', base: tree, tree, signal: never() }
    await expect(mergeIntoHead({ ...request, check: async () => undefined })).rejects.toMatchObject({
      code: 'head.missing',
    })
  })

  it('says so where the record is no head', async () => {
    const { records } = aBus()
    await records.append(headKey(run), Buffer.from('{'), 0)
    await expect(readHead(records, run)).rejects.toMatchObject({ code: 'invalid.head' })
  })

  it('stops when its signal is aborted', async () => {
    const { tree, merge } = await started()
    const signal = AbortSignal.abort(new Error('cancelled'))
    await expect(merge({ task: 't1', tree: await tree({ a: '2' }), signal })).rejects.toThrow('cancelled')
  })
})
