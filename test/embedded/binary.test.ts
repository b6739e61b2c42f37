import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findBinary } from '../../src/embedded/binary.ts'
import type { Source } from '../../src/embedded/source.ts'
import { fakeServer, script, surroundings, temporaryFolder } from './surroundings.ts'

const working: Source = {
  name: 'the source',
  file: 'fetched',
  fetch: (folder) => fakeServer(join(folder, 'nats-server')),
}
const failing: Source = { ...working, fetch: () => Promise.reject(new Error('unreachable')) }

/** An environment in which nothing is found. */
async function nowhere() {
  const root = await temporaryFolder()
  return { root, env: { PATH: `${root}/bin`, SKEIN_CACHE: `${root}/cache` } }
}

describe('finding a nats-server', () => {
  it('takes the one that is named', async () => {
    const { root, env } = await nowhere()
    const named = await fakeServer(join(root, 'named'))
    await fakeServer(join(root, 'bin/nats-server'))
    const around = surroundings({ ...env, SKEIN_NATS_SERVER: named })
    expect(await findBinary({ ...around, sources: [working] })).toBe(named)
  })

  it('takes no other where the named one does not do', async () => {
    const { root, env } = await nowhere()
    await fakeServer(join(root, 'bin/nats-server'))
    const around = surroundings({ ...env, SKEIN_NATS_SERVER: join(root, 'none') })
    await expect(findBinary({ ...around, sources: [working] })).rejects.toMatchObject({
      code: 'embedded.no-binary',
      attempts: [{ where: 'SKEIN_NATS_SERVER', why: `${root}/none: not found` }],
    })
  })

  it('takes the one on PATH and fetches nothing', async () => {
    const { root, env } = await nowhere()
    const onPath = await fakeServer(join(root, 'bin/nats-server'))
    expect(await findBinary({ ...surroundings(env), sources: [failing] })).toBe(onPath)
  })

  it.each(['2.9.3', '2.8.99', '1.99.99'])('takes none of version %s, which is too old', async (version) => {
    const { root, env } = await nowhere()
    await fakeServer(join(root, 'bin/nats-server'), version)
    expect(await findBinary({ ...surroundings(env), sources: [working] })).toBe(join(root, 'cache/fetched'))
  })

  it.each(['2.9.4', '2.10.0', '3.0.0'])('takes one of version %s', async (version) => {
    const { root, env } = await nowhere()
    const onPath = await fakeServer(join(root, 'bin/nats-server'), version)
    expect(await findBinary({ ...surroundings(env), sources: [] })).toBe(onPath)
  })

  it('takes the cached one before it fetches again', async () => {
    const { env } = await nowhere()
    const path = await findBinary({ ...surroundings(env), sources: [working] })
    const later = surroundings(env)
    expect(await findBinary({ ...later, sources: [{ ...working, fetch: failing.fetch }] })).toBe(path)
    expect(later.lines).toEqual([])
  })

  it('lists everything that was tried where there is none', async () => {
    const { root, env } = await nowhere()
    await script(join(root, 'bin/nats-server'), 'echo something else')
    const other: Source = {
      name: 'another',
      file: 'other',
      fetch: () => Promise.reject(new Error('no space')),
    }
    await expect(findBinary({ ...surroundings(env), sources: [failing, other] })).rejects.toThrow(
      [
        'no nats-server can be had',
        `  PATH: ${root}/bin/nats-server is no nats-server: its version is "something else"`,
        '  the source: unreachable',
        '  another: no space',
        'Install one, or set SKEIN_NATS_SERVER to its path',
      ].join('\n'),
    )
  })

  it('stops when it is told to', async () => {
    const { env } = await nowhere()
    const abort = new AbortController()
    const stopping: Source = {
      ...working,
      fetch() {
        abort.abort(new Error('enough'))
        return Promise.reject(new Error('unreachable'))
      },
    }
    const around = { ...surroundings(env), signal: abort.signal }
    await expect(findBinary({ ...around, sources: [stopping, working] })).rejects.toThrow('enough')
  })
})
