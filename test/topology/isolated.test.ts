import { describe, expect, it } from 'vitest'
import { roleName } from '../../protocols/ids.ts'
import { isolatedRoles } from '../../src/topology/isolated.ts'
import { overlaySchema } from '../../src/topology/overlay.ts'
import { TOPOLOGY_NAMES } from '../../src/topology/topology.ts'
import { overlayNamed, ROLES } from './members.ts'

const counts = new Map(ROLES.map((role) => [role, 2]))
const isolated = (overlay: unknown, among = counts) => isolatedRoles(overlaySchema.parse(overlay), among)
const edges = (...edges: (readonly [string, string])[]) => ({ kind: 'edges', edges })

describe('an overlay leaves a role alone', () => {
  it('where its peers reach nobody but each other', () => {
    expect(isolated(edges(['planner', 'planner'], ['researcher', 'coder'], ['coder', 'reviewer']))).toEqual([
      'planner',
    ])
  })

  it('where it is no stage of a pipeline', () => {
    expect(isolated({ kind: 'pipeline', stages: ['planner', 'researcher'] })).toEqual(['coder', 'reviewer'])
  })

  it('all of them where the hub of a star is of none', () => {
    expect(isolated({ kind: 'star' })).toEqual(ROLES)
  })
})

describe('an overlay leaves nobody alone', () => {
  it.each(TOPOLOGY_NAMES)('that is a %s', (name) => {
    const all = name === 'star' ? new Map([...counts, [roleName('supervisor'), 0]]) : counts
    expect(isolatedRoles(overlayNamed(name), all)).toEqual([])
  })

  it('where others are heard and cannot be answered, or answered and not heard', () => {
    const one = edges(['planner', 'researcher'], ['planner', 'coder'], ['coder', 'reviewer'])
    expect(isolated({ ...one, directed: true })).toEqual([])
  })

  it('where the way leads by a peer that the overlay names, and that is not there', () => {
    expect(
      isolated(edges(['planner', 'coder-9'], ['coder-9', 'researcher'], ['coder-9', 'reviewer'])),
    ).toEqual([])
  })

  it('where there is but one role', () => {
    expect(isolated({ kind: 'solo' }, new Map([[roleName('solo'), 1]]))).toEqual([])
  })
})
