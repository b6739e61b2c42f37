import { assert, expect, test } from 'vitest'
import { ConflictError, TooLargeError } from '../../../src/bus/errors.ts'
import type { RecordEntry } from '../../../src/bus/records.ts'
import { bytes, client, first, type MakeBus, pair, text, unique, until } from './harness.ts'

const values = (entries: RecordEntry[]) => entries.map((entry) => text(entry.value))
const byKey = (entries: RecordEntry[]) =>
  Object.fromEntries(entries.map((entry) => [entry.key, text(entry.value)]))

export function recordsContract(makeBus: MakeBus): void {
  test('are absent until they are appended', async () => {
    const { records } = await client(makeBus)
    const key = `${unique()}.a`
    expect(await records.read(key)).toBeUndefined()
    expect(await records.history(key)).toEqual([])
    expect(await records.latest(key)).toEqual([])
  })

  test('are read by anybody as soon as the append was answered', async () => {
    const [writer, reader] = await pair(makeBus)
    const key = `${unique()}.a`
    let revision = 0
    for (const value of ['one', 'two', 'three']) {
      revision = await writer.records.append(key, bytes(value), revision)
      const entry = await reader.records.read(key)
      expect(entry).toMatchObject({ key, revision })
      expect(entry && text(entry.value)).toBe(value)
    }
  })

  test('refuse an append at another revision than the last', async () => {
    const { records } = await client(makeBus)
    const key = `${unique()}.a`
    await expect(records.append(key, bytes('x'), 7)).rejects.toBeInstanceOf(ConflictError)
    const one = await records.append(key, bytes('one'), 0)
    await expect(records.append(key, bytes('x'), 0)).rejects.toMatchObject({ key, expected: 0 })
    const two = await records.append(key, bytes('two'), one)
    await expect(records.append(key, bytes('x'), one)).rejects.toBeInstanceOf(ConflictError)
    await expect(records.append(key, bytes('x'), two + 1)).rejects.toBeInstanceOf(ConflictError)
    expect(values(await records.history(key))).toEqual(['one', 'two'])
  })

  test('let one of several concurrent appends win', async () => {
    const buses = await pair(makeBus)
    const key = `${unique()}.a`
    let expected = 0
    for (let round = 0; round < 3; round++) {
      const attempts = [0, 1, 2, 3, 4, 5].map((index) => {
        const bus = buses[index % 2]
        assert(bus)
        return bus.records.append(key, bytes(`${round}.${index}`), expected)
      })
      const outcomes = await Promise.allSettled(attempts)
      const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(won).toHaveLength(1)
      for (const outcome of lost) expect(outcome.reason).toBeInstanceOf(ConflictError)
      assert(won[0])
      expected = won[0].value
      expect((await buses[0].records.read(key))?.revision).toBe(expected)
    }
  })

  test('number every append above the one before, whatever its key', async () => {
    const { records } = await client(makeBus)
    const root = unique()
    const revisions: number[] = []
    for (const key of ['a', 'b', 'c', 'd']) {
      revisions.push(await records.append(`${root}.${key}`, bytes(key), 0))
    }
    expect(revisions[0]).toBeGreaterThan(0)
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b))
    expect(new Set(revisions).size).toBe(4)
  })

  test('keep their history, oldest first over all keys of a prefix', async () => {
    const { records } = await client(makeBus)
    const root = unique()
    const a = await records.append(`${root}.a`, bytes('a1'), 0)
    await records.append(`${root}.b.c`, bytes('b1'), 0)
    await records.append(root, bytes('root'), 0)
    await records.append(`${root}.a`, bytes('a2'), a)
    const history = await records.history(root)
    expect(values(history)).toEqual(['a1', 'b1', 'root', 'a2'])
    expect(history[0]).toMatchObject({ key: `${root}.a`, revision: a })
  })

  test('give the last entry of every key of a prefix', async () => {
    const { records } = await client(makeBus)
    const root = unique()
    const a = await records.append(`${root}.a`, bytes('a1'), 0)
    await records.append(`${root}.b`, bytes('b1'), 0)
    const last = await records.append(`${root}.a`, bytes('a2'), a)
    const latest = await records.latest(root)
    expect(byKey(latest)).toEqual({ [`${root}.a`]: 'a2', [`${root}.b`]: 'b1' })
    expect(latest.find((entry) => entry.key === `${root}.a`)?.revision).toBe(last)
  })

  test('end a prefix at a token', async () => {
    const { records } = await client(makeBus)
    const root = unique()
    for (const key of ['b', 'bc', 'b.c', 'b-d', 'b.c.d']) {
      await records.append(`${root}.${key}`, bytes(key), 0)
    }
    const inside = ['b', 'b.c', 'b.c.d']
    expect(values(await records.history(`${root}.b`))).toEqual(inside)
    expect(values(await records.latest(`${root}.b`)).sort()).toEqual(inside)
    const watch = await records.watch(`${root}.b`)
    expect(values(await first(3, watch)).sort()).toEqual(inside)
  })

  test('watch the last values, then every append', async () => {
    const [writer, watcher] = await pair(makeBus)
    const root = unique()
    const a1 = await writer.records.append(`${root}.a`, bytes('a1'), 0)
    const a2 = await writer.records.append(`${root}.a`, bytes('a2'), a1)
    await writer.records.append(`${root}.b`, bytes('b1'), 0)
    const watch = await watcher.records.watch(root)
    const a3 = await writer.records.append(`${root}.a`, bytes('a3'), a2)
    await writer.records.append(`${root}.c`, bytes('c1'), 0)
    await writer.records.append(`${root}.a`, bytes('a4'), a3)
    const seen = values(await first(5, watch))
    expect(seen.slice(0, 2).sort()).toEqual(['a2', 'b1'])
    expect(seen.slice(2)).toEqual(['a3', 'c1', 'a4'])
  })

  test('miss nothing between the last values and the appends', async () => {
    const [writer, watcher] = await pair(makeBus)
    const key = `${unique()}.a`
    const appended: number[] = []
    const write = async () => {
      for (let count = 0; count < 40; count++) {
        appended.push(await writer.records.append(key, bytes(`${count}`), appended.at(-1) ?? 0))
      }
    }
    const [watch] = await Promise.all([watcher.records.watch(key), write()])
    const last = appended.at(-1)
    const seen = await until((entry) => entry.revision === last, watch)
    expect(seen.map((entry) => entry.revision)).toEqual(appended.slice(-seen.length))
  })

  test('end a watch that is closed', async () => {
    const { records } = await client(makeBus)
    const watch = await records.watch(unique())
    const ended = until(() => false, watch)
    watch.close()
    expect(await ended).toEqual([])
  })

  test('are gone when they are purged, and begin anew', async () => {
    const { records } = await client(makeBus)
    const root = unique()
    const before = await records.append(`${root}.a`, bytes('a'), 0)
    await records.append(`${root}.a.b`, bytes('ab'), 0)
    await records.append(`${root}.ab`, bytes('other'), 0)
    await records.purge(`${root}.a`)
    expect(await records.read(`${root}.a`)).toBeUndefined()
    expect(values(await records.history(root))).toEqual(['other'])
    expect(values(await records.latest(root))).toEqual(['other'])
    await expect(records.append(`${root}.a`, bytes('x'), before)).rejects.toBeInstanceOf(ConflictError)
    expect(await records.append(`${root}.a`, bytes('a'), 0)).toBeGreaterThan(before)
    await records.purge(unique())
  })

  test('may lose what is old: what is newer stays, and is appended to', async () => {
    const { records } = await client(makeBus)
    const key = `${unique()}.a`
    const [first, other] = [await records.append(key, bytes('1'), 0), `${key}b`]
    await records.append(other, bytes('other'), 0)
    const second = await records.append(key, bytes('2'), first)
    await records.purge(key, second)
    expect(values(await records.history(key))).toEqual(['2'])
    expect(values(await records.history(other))).toEqual(['other'])
    await expect(records.append(key, bytes('x'), 0)).rejects.toBeInstanceOf(ConflictError)
    expect(await records.append(key, bytes('3'), second)).toBeGreaterThan(second)
  })

  test('keep a copy: neither writer nor reader can change what is stored', async () => {
    const { records } = await client(makeBus)
    const key = `${unique()}.a`
    const value = bytes('before')
    await records.append(key, value, 0)
    value.fill(0)
    const entry = await records.read(key)
    assert(entry)
    expect(text(entry.value)).toBe('before')
    entry.value.fill(0)
    expect(values(await records.history(key))).toEqual(['before'])
  })

  test('may be empty, and keep any bytes', async () => {
    const { records } = await client(makeBus)
    const root = unique()
    const any = Uint8Array.from({ length: 256 }, (_, index) => index)
    await records.append(`${root}.empty`, new Uint8Array(), 0)
    await records.append(`${root}.any`, any, 0)
    expect((await records.read(`${root}.empty`))?.value.length).toBe(0)
    expect([...((await records.read(`${root}.any`))?.value ?? [])]).toEqual([...any])
  })

  test('refuse a value that is too large', async () => {
    const { records } = await client(makeBus, { maxPayloadBytes: 65_536 })
    const key = `${unique()}.a`
    await expect(records.append(key, new Uint8Array(70_000), 0)).rejects.toBeInstanceOf(TooLargeError)
    expect(await records.read(key)).toBeUndefined()
  })
}
