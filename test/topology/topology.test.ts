import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roleName } from '../../protocols/ids.ts'
import { naturalOrder } from '../../src/topology/member.ts'
import { hubOf } from '../../src/topology/overlay.ts'
import { MESH, TOPOLOGY_NAMES, topologyNamed, topologySchema } from '../../src/topology/topology.ts'
import { ROLES } from './members.ts'

describe('a topology', () => {
  it.each(TOPOLOGY_NAMES)('%s survives the record of a run', (name) => {
    const topology = topologyNamed(name, { roles: ROLES })
    expect(topologySchema.parse(JSON.parse(JSON.stringify(topology)))).toEqual(topology)
    expect(topology.name).toBe(name)
  })

  it('of a run that says nothing is a mesh of all roles, with work for anybody', () => {
    expect(topologySchema.parse(MESH)).toEqual(MESH)
    expect(topologyNamed('mesh', { roles: [] })).toEqual(MESH)
  })

  it('star has a hub among its roles, which hands out the work', () => {
    const star = topologyNamed('star', { roles: ROLES })
    expect(star.roles).toEqual(['supervisor', ...ROLES])
    expect([star.wiring, star.placement, hubOf(star.overlay)]).toEqual(['hub', 'hub', 'supervisor'])
    const again = topologyNamed('star', { roles: [...ROLES, roleName('supervisor')] })
    expect(again.roles.filter((role) => role === 'supervisor')).toHaveLength(1)
  })

  it('solo is wired as one', () => {
    expect(topologyNamed('solo', { roles: [roleName('solo')] })).toMatchObject({
      wiring: 'solo',
      placement: 'anybody',
    })
  })

  it('takes a placement whatever the overlay', () => {
    expect(topologyNamed('star', { roles: ROLES, placement: 'hash' })).toMatchObject({ placement: 'hash' })
    expect(topologyNamed('ring', { roles: ROLES, placement: 'auction' })).toMatchObject({
      placement: 'auction',
    })
  })

  it('keeps the seed of what is drawn', () => {
    expect(topologyNamed('random', { roles: ROLES, seed: 7 }).overlay).toMatchObject({ seed: 7 })
    expect(topologyNamed('small-world', { roles: ROLES }).overlay).toMatchObject({ seed: 1, neighbours: 4 })
  })

  it('pipeline needs two roles, and says so', () => {
    expect(() => topologyNamed('pipeline', { roles: ROLES.slice(0, 1) })).toThrow('two stages or more')
  })
})

describe('natural order', () => {
  it('counts as people do', () => {
    const sorted = [
      'coder',
      'coder-1',
      'coder-01',
      'coder-2',
      'coder-10',
      'coder-10-b',
      'planner-1',
      'planner-1b',
    ]
    const expected = [
      'coder',
      'coder-01',
      'coder-1',
      'coder-2',
      'coder-10',
      'coder-10-b',
      'planner-1',
      'planner-1b',
    ]
    expect(sorted.reverse().sort(naturalOrder)).toEqual(expected)
  })

  it('is an order: of any three names one comes first and one last', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '-', '0', '1', '2'), maxLength: 5 })
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 3, maxLength: 3 }), (three) => {
        const [a, b, c] = three.sort(naturalOrder) as [string, string, string]
        const isBefore = (x: string, y: string) => naturalOrder(x, y) < 0 && naturalOrder(y, x) > 0
        return isBefore(a, b) && isBefore(b, c) && isBefore(a, c)
      }),
      { numRuns: 1000 },
    )
  })
})
