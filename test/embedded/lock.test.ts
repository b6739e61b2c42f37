import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withLock } from '../../src/embedded/lock.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { deadPid, surroundings, temporaryFolder } from './surroundings.ts'

const enter = async () => 'in'

describe('a lock', () => {
  it('lets one in at a time', async () => {
    const folder = await temporaryFolder()
    const count = join(folder, 'count')
    await writeFile(count, '0')
    const increment = async () => writeFile(count, String(Number(await readFile(count, 'utf8')) + 1))
    const lock = join(folder, 'lock')
    await Promise.all(Array.from({ length: 8 }, () => withLock(lock, surroundings(), increment)))
    expect(await readFile(count, 'utf8')).toBe('8')
    expect(await readdir(lock)).toEqual([])
  })

  it('is given back by work that fails', async () => {
    const folder = await temporaryFolder()
    const failing = withLock(folder, surroundings(), () => Promise.reject(new Error('no luck')))
    await expect(failing).rejects.toThrow('no luck')
    expect(await withLock(folder, surroundings(), enter)).toBe('in')
  })

  it('is taken from a holder that died', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, `${await deadPid()}-12345-00ff`), '')
    expect(await withLock(folder, surroundings(), enter)).toBe('in')
  })

  it('says that one has to wait, and lets it in afterwards', async () => {
    const folder = await temporaryFolder()
    const second = await withLock(folder, surroundings(), async () => {
      let entered: Promise<string> | undefined
      await new Promise<void>((waiting) => {
        entered = withLock(folder, { ...surroundings(), waiting }, enter)
      })
      return { entered }
    })
    expect(await second.entered).toBe('in')
  })

  it('is not waited for any longer once the signal is aborted', async () => {
    const folder = await temporaryFolder()
    await withLock(folder, surroundings(), async () => {
      const abort = new AbortController()
      const waiting = () => abort.abort(new Error('enough'))
      const second = withLock(folder, { ...surroundings(), signal: abort.signal, waiting }, enter)
      await expect(second).rejects.toThrow('enough')
      expect(await readdir(folder)).toHaveLength(1)
    })
  })

  it('is not waited for beyond five minutes, and names who holds it', async () => {
    const folder = await temporaryFolder()
    await withLock(folder, surroundings(), async () => {
      const clock = virtualClock()
      // The holder never gets on: as soon as it is seen, five minutes are over.
      const waiting = () => {
        clock.setTimer(300_000, () => {})
        clock.step()
      }
      await expect(withLock(folder, { ...surroundings(), clock, waiting }, enter)).rejects.toMatchObject({
        code: 'embedded.busy',
        message: expect.stringContaining(`held by process ${process.pid}`),
      })
    })
  })
})
