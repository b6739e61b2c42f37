import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { blobHashSchema } from '../../../protocols/ids.ts'
import { bytes, client, type MakeBus, pair, text, unique } from './harness.ts'

const sha256 = (value: Uint8Array) => blobHashSchema.parse(createHash('sha256').update(value).digest('hex'))

export function blobsContract(makeBus: MakeBus): void {
  test.each([
    ['nothing', 0],
    ['a little', 1_000],
    ['5 MiB', 5 * 1024 * 1024],
  ])('bring %s to another client, by its SHA-256', async (_, size) => {
    const [one, other] = await pair(makeBus)
    const value = new Uint8Array(size)
    for (let index = 0; index < size; index++) value[index] = (index * 31) % 251
    const hash = await one.blobs.put(value)
    expect(hash).toBe(sha256(value))
    const back = await other.blobs.get(hash)
    expect(back && Buffer.compare(back, value)).toBe(0)
  })

  test('are undefined where the bus does not have them', async () => {
    const bus = await client(makeBus)
    expect(await bus.blobs.get(sha256(bytes(unique())))).toBeUndefined()
  })

  test('may be put again, by anybody and at once', async () => {
    const [one, other] = await pair(makeBus)
    const value = bytes(unique())
    const hashes = await Promise.all([one.blobs.put(value), one.blobs.put(value), other.blobs.put(value)])
    hashes.push(await other.blobs.put(value))
    expect(new Set(hashes)).toEqual(new Set([sha256(value)]))
    expect(await one.blobs.get(sha256(value))).toEqual(value)
  })

  test('keep a copy: neither writer nor reader can change what is stored', async () => {
    const bus = await client(makeBus)
    const content = unique()
    const value = bytes(content)
    const hash = await bus.blobs.put(value)
    value.fill(0)
    const back = await bus.blobs.get(hash)
    expect(back && text(back)).toBe(content)
    back?.fill(0)
    expect(await bus.blobs.get(hash)).toEqual(bytes(content))
  })

  test('are listed with their sizes, each once', async () => {
    const [one, other] = await pair(makeBus)
    expect(await other.blobs.list()).toEqual([])
    const [small, large] = [await one.blobs.put(bytes('small')), await one.blobs.put(new Uint8Array(300_000))]
    await one.blobs.put(bytes('small'))
    const listed = await other.blobs.list()
    expect(new Map(listed.map((blob) => [blob.hash, blob.bytes]))).toEqual(
      new Map([
        [small, 5],
        [large, 300_000],
      ]),
    )
    expect(listed).toHaveLength(2)
    for (const { storedAt } of listed) expect(storedAt).toBeGreaterThan(1_600_000_000_000)
  })

  test('are gone when they are removed, and may be put again', async () => {
    const [one, other] = await pair(makeBus)
    const value = new Uint8Array(300_000).fill(7)
    const [hash, kept] = [await one.blobs.put(value), await one.blobs.put(bytes('kept'))]
    await Promise.all([other.blobs.remove(hash), other.blobs.remove(hash)])
    expect(await one.blobs.get(hash)).toBeUndefined()
    expect((await one.blobs.list()).map((blob) => blob.hash)).toEqual([kept])
    await one.blobs.remove(hash)
    expect(await one.blobs.put(value)).toBe(hash)
    expect((await other.blobs.get(hash))?.length).toBe(300_000)
  })
}
