import { describe, expect, it } from 'vitest'
import { createLanes } from '../../src/turn/lanes.ts'
import { quiet } from '../bus/memory/virtual.ts'

/** Work that a test ends, and the order in which it began. */
function works() {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string) => () => {
    begun.push(name)
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
  }
  return { begun, work, end: (name: string) => ends.get(name)!() }
}

describe('lanes', () => {
  it('do one thing at a time for a key, in the order of asking, and do not wait for other keys', async () => {
    const lanes = createLanes()
    const { begun, work, end } = works()
    const first = lanes.run('a', work('a1'))
    void lanes.run('a', work('a2'))
    void lanes.run('b', work('b1'))
    await quiet()
    expect(begun).toEqual(['a1', 'b1'])
    end('a1')
    expect(await first).toBe('a1')
    await quiet()
    expect(begun).toEqual(['a1', 'b1', 'a2'])
  })

  it('go on after a failure, which only its own asker sees', async () => {
    const lanes = createLanes()
    const failing = lanes.run('a', async () => {
      throw new Error('no')
    })
    const next = lanes.run('a', async () => 'yes')
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('yes')
  })

  it('are idle when nothing is under way, waiting, or asked for meanwhile', async () => {
    const lanes = createLanes()
    const { work, end } = works()
    await lanes.idle()
    let idle = false
    void lanes.run('a', work('a1'))
    const waiting = lanes.idle().then(() => {
      idle = true
    })
    void lanes.run('b', work('b1'))
    await quiet()
    end('a1')
    await quiet()
    expect(idle).toBe(false)
    end('b1')
    await waiting
  })
})
