import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAttempts } from '../../src/embedded/attempts.ts'
import { cachedBinary, cacheFolder } from '../../src/embedded/cache.ts'
import type { Source } from '../../src/embedded/source.ts'
import { fakeServer, surroundings, temporaryFolder } from './surroundings.ts'

/** Gives a fake server; `before` comes first. */
function aSource(before: () => Promise<void> = async () => {}): Source & { fetches: number } {
  return {
    name: 'a source',
    file: 'nats-server-1',
    fetches: 0,
    async fetch(folder) {
      this.fetches++
      await before()
      return fakeServer(join(folder, 'nats-server'))
    },
  }
}

const failing: Source = { name: 'no luck', file: 'none', fetch: () => Promise.reject(new Error('gone')) }

async function aCache(...sources: Source[]) {
  const around = surroundings()
  const folder = join(await temporaryFolder(), 'cache')
  const attempts = createAttempts(around.signal)
  return { ...around, folder, sources, attempts, check: async () => {} }
}

describe('the cache', () => {
  it('is where the environment or the platform puts it', () => {
    expect(cacheFolder({ SKEIN_CACHE: '/s', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/s')
    expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/skein')
    expect(cacheFolder({ HOME: '/h' }, 'linux')).toBe('/h/.cache/skein')
    expect(cacheFolder({ HOME: '/h' }, 'darwin')).toBe('/h/Library/Caches/skein')
  })

  it('fetches a binary once, and leaves nothing else behind', async () => {
    const source = aSource()
    const cache = await aCache(source)
    const path = await cachedBinary(cache)
    expect(await cachedBinary(cache)).toBe(path)
    expect(source.fetches).toBe(1)
    expect((await readdir(cache.folder)).sort()).toEqual(['lock', 'nats-server-1'])
    expect(cache.lines).toEqual(['fetching nats-server: a source'])
  })

  it('fetches once for two that want it at the same time', async () => {
    let second: Promise<string | undefined> | undefined
    const source = aSource(
      () =>
        new Promise<void>((resolve) => {
          // The first is in the middle of it until the second stands at the door.
          second = cachedBinary({ ...cache, progress: () => resolve() })
        }),
    )
    const cache = await aCache(source)
    expect(await cachedBinary(cache)).toBe(join(cache.folder, 'nats-server-1'))
    expect(await second).toBe(join(cache.folder, 'nats-server-1'))
    expect(source.fetches).toBe(1)
  })

  it('asks the next source where one fails', async () => {
    const cache = await aCache(failing, aSource())
    expect(await cachedBinary(cache)).toBe(join(cache.folder, 'nats-server-1'))
    expect(cache.attempts.failed).toEqual([{ where: 'no luck', why: 'gone' }])
  })

  it('takes over no binary that does not do', async () => {
    const cache = await aCache(aSource())
    const check = () => Promise.reject(new Error('too old'))
    expect(await cachedBinary({ ...cache, check })).toBeUndefined()
    expect(cache.attempts.failed).toEqual([{ where: 'a source', why: 'too old' }])
    expect(await readdir(cache.folder)).toEqual(['lock'])
  })

  it('replaces a cached binary that no longer does', async () => {
    const cache = await aCache(aSource())
    const path = (await cachedBinary(cache))!
    await writeFile(path, 'damaged')
    const check = async (file: string) => {
      if ((await readFile(file, 'utf8')) === 'damaged') throw new Error('damaged')
    }
    expect(await cachedBinary({ ...cache, check })).toBe(path)
    expect(await readFile(path, 'utf8')).not.toBe('damaged')
  })

  it('is one more thing that did not work where its folder cannot be made', async () => {
    const cache = await aCache(aSource())
    await writeFile(cache.folder, 'in the way')
    expect(await cachedBinary(cache)).toBeUndefined()
    expect(cache.attempts.failed).toMatchObject([{ where: `cache "${cache.folder}"` }])
  })
})
