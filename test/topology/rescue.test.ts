import { describe, expect, it } from 'vitest'
import { roleName } from '../../protocols/ids.ts'
import { defineRole } from '../../src/role/define.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { dispatcher, errands, everything, flock, runner } from '../run/flock.ts'

/** Stands between the others, and does nothing but pass things on. */
const keeper = defineRole({
  name: 'keeper',
  description: 'keeps the door',
  instructions: '',
  accepts: [errands.messages.go],
  answers: [errands.messages.back],
})

const through: Topology = {
  name: 'through',
  overlay: {
    kind: 'edges',
    edges: [
      [roleName('dispatcher'), roleName('keeper')],
      [roleName('keeper'), roleName('runner')],
    ],
    directed: false,
    relay: true,
  },
  wiring: 'peers',
  placement: 'anybody',
  roles: ['dispatcher', 'keeper', 'runner'].map(roleName),
}

const others = [{ role: dispatcher }, { role: runner, count: 2 }]

describe('mail that passes through a peer', () => {
  it('goes on from there', async () => {
    const { host, start, settled } = flock()
    await host('between', [{ role: keeper }])
    await host('first', others)
    expect((await settled(start({ topology: through }))).output).toEqual(everything)
  })

  it('goes on without it when it is gone, and nobody of its role is left', async () => {
    const { host, start, settled } = flock()
    const between = await host('between', [{ role: keeper }])
    await host('first', others)
    between.die()
    expect((await settled(start({ topology: through }))).output).toEqual(everything)
  })
})
