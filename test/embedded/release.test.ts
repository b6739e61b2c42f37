import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type ReleaseOptions, releaseSource } from '../../src/embedded/release.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { type Served, startMirror } from './mirror.ts'
import { fakeServer, surroundings, temporaryFolder } from './surroundings.ts'

const STEM = 'nats-server-v2.12.15-linux-amd64'
const PATH = `/v2.12.15/${STEM}.tar.gz`

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** A release archive with a program in it that is no nats-server. */
async function archiveOf(stem: string): Promise<Buffer> {
  const folder = await temporaryFolder()
  await fakeServer(join(folder, stem, 'nats-server'))
  await promisify(execFile)('tar', ['-czf', 'archive', stem], { cwd: folder })
  return readFile(join(folder, 'archive'))
}

/** Fetches from a mirror that serves the files, into an empty folder. */
async function fetching(files: Readonly<Record<string, Served>>, options: Partial<ReleaseOptions>) {
  const { clock, signal } = surroundings()
  const mirror = await startMirror(files)
  const env = { PATH: process.env.PATH, SKEIN_NATS_MIRROR: `${mirror.url}/` }
  const source = releaseSource({ env, clock, platform: 'linux', arch: 'x64', ...options })
  const folder = join(await temporaryFolder(), 'work')
  await mkdir(folder)
  return { folder, mirror, fetched: source.fetch(folder, signal) }
}

describe('the official release', () => {
  it('is unpacked from the archive that has the pinned checksum', async () => {
    const archive = await archiveOf(STEM)
    const checksums = { 'linux-amd64': sha256(archive) }
    const { fetched, mirror } = await fetching({ [PATH]: archive }, { checksums })
    expect(await readFile(await fetched, 'utf8')).toContain('nats-server: v2.12.15')
    expect(mirror.requests).toEqual([PATH])
  })

  it('is refused, and not unpacked, with any other checksum', async () => {
    const { folder, fetched } = await fetching({ [PATH]: await archiveOf(STEM) }, {})
    await expect(fetched).rejects.toMatchObject({
      code: 'embedded.checksum',
      message: expect.stringContaining('58ab8131f819263897e2fc38e503e1b755b63bcafeecc7d12582487df48ca15e'),
    })
    expect(await readdir(folder)).toEqual([])
  })

  it('is refused when its archive breaks off', async () => {
    const body = await archiveOf(STEM)
    const { folder, fetched } = await fetching({ [PATH]: { fault: 'cut', body } }, {})
    await expect(fetched).rejects.toMatchObject({ code: 'embedded.download' })
    expect(await readdir(folder)).toEqual([])
  })

  it('is not to be had where its host answers no', async () => {
    const { fetched } = await fetching({}, {})
    await expect(fetched).rejects.toThrow(`${PATH} answered 404`)
  })

  it('is not to be had where its host is not there', async () => {
    const env = { SKEIN_NATS_MIRROR: 'http://127.0.0.1:1' }
    const { clock, signal } = surroundings()
    const fetched = releaseSource({ env, clock, arch: 'x64' }).fetch(await temporaryFolder(), signal)
    await expect(fetched).rejects.toMatchObject({ code: 'embedded.download' })
  })

  it('is given up when its host says nothing for ten seconds', async () => {
    const clock = virtualClock()
    const { fetched, mirror } = await fetching({ [PATH]: 'silent' }, { clock })
    await expect.poll(() => mirror.requests).toEqual([PATH])
    expect(clock.step()).toBe(true)
    await expect(fetched).rejects.toThrow('nothing within 10 s')
  })

  it('is given up when it is not here after two minutes', async () => {
    const clock = virtualClock()
    const { fetched } = await fetching({ [PATH]: { fault: 'stalled', body: Buffer.alloc(1000) } }, { clock })
    await expect.poll(() => clock.due()).toBe(120_000)
    clock.step()
    await expect(fetched).rejects.toThrow('nothing within 120 s')
  })

  it('is not fetched any further once the signal is aborted', async () => {
    const mirror = await startMirror({ [PATH]: 'silent' })
    const abort = new AbortController()
    const env = { SKEIN_NATS_MIRROR: mirror.url }
    const source = releaseSource({ ...surroundings(env), platform: 'linux', arch: 'x64' })
    const fetched = source.fetch(await temporaryFolder(), abort.signal)
    abort.abort(new Error('enough'))
    await expect(fetched).rejects.toThrow('enough')
  })

  it('is checked on macOS against the list that comes with it', async () => {
    const stem = 'nats-server-v2.12.15-darwin-arm64'
    const archive = await archiveOf(stem)
    const list = Buffer.from(`${'0'.repeat(64)}  other.zip\n${sha256(archive)}  ${stem}.tar.gz\n`)
    const files = { '/v2.12.15/SHA256SUMS': list, [`/v2.12.15/${stem}.tar.gz`]: archive }
    const { fetched } = await fetching(files, { platform: 'darwin', arch: 'arm64' })
    expect(await readFile(await fetched, 'utf8')).toContain('nats-server: v2.12.15')
  })

  it('is not to be had for a platform that no checksum is known for', async () => {
    const { fetched, mirror } = await fetching({}, { platform: 'sunos' })
    await expect(fetched).rejects.toThrow('none is known for sunos-amd64')
    expect(mirror.requests).toEqual([])
  })
})
