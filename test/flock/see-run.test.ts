import { describe, expect, it } from 'vitest'
import { seeRun } from '../../src/flock/see-run.ts'
import { dispatcher, everything, flock, run, runner } from '../run/flock.ts'

/** A run whose starter and whose peers are gone, after its errands were handed out; and who waits for it. */
async function abandoned() {
  const world = flock()
  void world.start().catch(() => {}) // its process dies
  const first = await world.host('first', [{ role: dispatcher }])
  await world.pass(1_000)
  world.submitter.die()
  first.die()
  const said: string[] = []
  const { ports } = world.process('waiting')
  const leaving = new AbortController()
  const seen = seeRun(ports, run, { say: (text) => said.push(text), signal: leaving.signal })
  return { ...world, said, seen, leave: () => leaving.abort() }
}

describe('seeing a run to its end', () => {
  it('says once what waits for a process, also what was sent before, and goes on when it is there', async () => {
    const { said, seen, pass, host, settled } = await abandoned()
    await pass(60_000)
    expect(said).toEqual([
      'no runner is alive: 8 messages wait for one',
      'no dispatcher is alive: 1 conversation waits for one',
    ])
    await host('second', [{ role: dispatcher }, { role: runner }])
    expect((await settled(seen))?.output).toEqual(everything)
    expect(said.slice(2).sort()).toEqual(['a dispatcher is back', 'a runner is back'])
  })

  it('ends with its signal, and says no more', async () => {
    const { said, seen, pass, settled, leave } = await abandoned()
    leave()
    expect(await settled(seen)).toBeUndefined()
    await pass(60_000)
    expect(said).toEqual([])
  })
})
