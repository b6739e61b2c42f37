import { describe, expect, it } from 'vitest'
import type { SkeinError } from '../../protocols/errors.ts'
import { roleName } from '../../protocols/ids.ts'
import { readTopology, TopologyFileError } from '../../src/topology/file.ts'
import { topologyNamed, topologySchema } from '../../src/topology/topology.ts'
import { ROLES } from './members.ts'

const read = (text: string, file = 'ring.yaml') => readTopology(text, { file, roles: ROLES })

/** The lines of the error that a text causes. */
function complaints(text: string): string[] {
  try {
    read(text)
  } catch (error) {
    expect(error).toBeInstanceOf(TopologyFileError)
    expect(error).toMatchObject({ code: 'topology.file', file: 'ring.yaml' })
    return (error as SkeinError).message.split('\n')
  }
  throw new Error(`nothing is wrong with ${text}`)
}

const TEAMS = `name: two-teams
edges:
  - [planner, researcher]
  - [planner, coder]
  - [coder, reviewer]
placement: hash      # optional
`

describe('a topology file', () => {
  it('says edges', () => {
    const topology = read(TEAMS)
    expect(topology).toEqual({
      name: 'two-teams',
      overlay: {
        kind: 'edges',
        edges: [
          ['planner', 'researcher'],
          ['planner', 'coder'],
          ['coder', 'reviewer'],
        ],
        directed: false,
        relay: true,
      },
      wiring: 'peers',
      placement: 'hash',
      roles: ROLES,
    })
    expect(topologySchema.parse(JSON.parse(JSON.stringify(topology)))).toEqual(topology)
  })

  it('says the same in JSON', () => {
    const edges = [
      ['planner', 'researcher'],
      ['planner', 'coder'],
      ['coder', 'reviewer'],
    ]
    const json = JSON.stringify({ name: 'two-teams', edges, placement: 'hash' }, null, '\t')
    expect(read(json, 'teams.json')).toEqual(read(TEAMS))
  })

  it('says a shape, and is called after its file', () => {
    expect(read('overlay: { kind: small-world, neighbours: 6, rewire: 0.2 }', 'topologies/far.yaml')).toEqual(
      {
        name: 'far',
        overlay: { kind: 'small-world', neighbours: 6, rewire: 0.2, seed: 1 },
        wiring: 'peers',
        placement: 'anybody',
        roles: ROLES,
      },
    )
  })

  it('says what a built-in topology says', () => {
    for (const name of ['mesh', 'solo', 'ring', 'tree', 'small-world', 'random'] as const) {
      expect(read(`{ name: ${name}, overlay: { kind: ${name} } }`)).toEqual(
        topologyNamed(name, { roles: ROLES }),
      )
    }
    const star = read('{ name: star, overlay: { kind: star } }')
    const { roles, ...others } = topologyNamed('star', { roles: ROLES })
    expect(star).toMatchObject(others)
    expect([...star.roles].sort()).toEqual([...roles].sort())
  })

  it('names a hub, which then hands out the work', () => {
    const topology = read('edges: [[planner-1, coder], [planner-1, reviewer]]\nhub: planner-1\n')
    expect(topology).toMatchObject({ overlay: { hub: 'planner-1' }, wiring: 'peers', placement: 'hub' })
    expect(topology.roles).toEqual(['planner', 'coder', 'reviewer'])
  })

  it('names the hub as a role, or the edge does', () => {
    expect(read('edges: [[planner-1, coder]]\nhub: planner\n').placement).toBe('hub')
    expect(read('edges: [[planner, coder]]\nhub: planner-2\n').placement).toBe('hub')
  })

  it('has its results read by a hub that is a supervisor', () => {
    for (const hub of ['supervisor', 'supervisor-1'])
      expect(read(`edges: [[supervisor, coder]]\nhub: ${hub}\n`).wiring).toBe('hub')
  })

  it('names roles beyond those of the job where they are known', () => {
    const options = { file: 'x.yaml', roles: ROLES, known: [...ROLES, roleName('critic')] }
    expect(readTopology('edges: [[coder, critic]]', options).roles).toEqual(['coder', 'critic'])
  })

  it('makes edges one way, and direct ones only', () => {
    expect(
      read('edges: [[planner, coder], [coder, planner]]\ndirected: true\nrelay: false').overlay,
    ).toMatchObject({
      directed: true,
      relay: false,
    })
  })
})

describe('what is wrong with a topology file', () => {
  const allowed = 'name, edges, overlay, directed, relay, hub, placement, roles'
  const roles = 'planner, researcher, coder, reviewer, supervisor'
  const aName = 'a role or a peer is named by 1 to 63 of a-z, 0-9, "-" and "_", like coder or coder-1'
  const aPair = 'an edge is a pair of roles or peers, like [planner, coder-1]'

  it.each([
    [
      'an unknown key',
      'edges:\n  - [planner, coder]\nplacment: hash\n',
      [`ring.yaml:3:1: unknown key "placment": allowed are ${allowed}`],
    ],
    [
      'an unknown key of an overlay',
      'overlay:\n  kind: ring\n  degree: 2\n',
      ['ring.yaml:3:3: unknown key "degree": allowed are kind'],
    ],
    [
      'an unknown kind',
      'name: r\noverlay:\n  kind: rign\n',
      [
        'ring.yaml:3:9: unknown kind rign: allowed are mesh, star, solo, pipeline, ring, tree, small-world, random, edges',
      ],
    ],
    [
      'an overlay without a kind',
      'overlay: { degree: 2 }',
      [
        'ring.yaml:1:10: the overlay has no kind: allowed are mesh, star, solo, pipeline, ring, tree, small-world, random, edges',
      ],
    ],
    ['an edge of one', 'edges:\n  - [planner]\n', [`ring.yaml:2:5: ${aPair}, and not [planner]`]],
    [
      'an edge of three',
      'edges:\n  - [planner, coder, reviewer]\n',
      [`ring.yaml:2:5: ${aPair}, and not [planner, coder, reviewer]`],
    ],
    ['an edge that is no list', 'edges:\n  - planner\n', [`ring.yaml:2:5: ${aPair}, and not planner`]],
    ['no edge', 'edges: []\n', ['ring.yaml:1:8: edges cannot be []: there is no edge']],
    [
      'what cannot be a name',
      'edges:\n  - [planner, "Coder 1"]\n  - [7, coder]\n',
      [`ring.yaml:2:15: "Coder 1" is no name: ${aName}`, `ring.yaml:3:6: 7 is no name: ${aName}`],
    ],
    [
      'a name of nobody',
      'edges:\n  - [planner, codr]\n  - [planner, coder-0]\n',
      ['codr', 'coder-0'].map(
        (name, at) =>
          `ring.yaml:${at + 2}:15: "${name}" is no role, and no peer of one: roles are ${roles}; a peer is called like planner-1`,
      ),
    ],
    [
      'a stage that is no role',
      'overlay:\n  kind: pipeline\n  stages: [planner, coder-1]\n',
      [`ring.yaml:3:21: "coder-1" is no role: roles are ${roles}`],
    ],
    [
      'an edge twice, whichever way round',
      'edges:\n  - [planner, coder]\n  - [coder, planner]\n',
      ['ring.yaml:3:5: [coder, planner] is the edge [planner, coder] of line 2 again: leave one of them out'],
    ],
    [
      'an edge from a peer to itself',
      'edges:\n  - [coder-1, coder-1]\n',
      ['ring.yaml:2:5: [coder-1, coder-1] leads from a peer to itself'],
    ],
    [
      'a hub in no edge',
      'edges:\n  - [planner, coder]\nhub: reviewer\n',
      ['ring.yaml:3:6: the hub reviewer is in no edge: add one, or name another hub'],
    ],
    [
      'an unknown placement',
      'edges: [[planner, coder]]\nplacement: hsh\n',
      ['ring.yaml:2:12: unknown placement hsh: allowed are anybody, auction, blackboard, hash, hub'],
    ],
    [
      'edges and an overlay',
      'edges: [[planner, coder]]\noverlay: { kind: ring }\n',
      ['ring.yaml:2:10: there are edges and an overlay: leave one of them out'],
    ],
    ['neither', 'name: x\n', ['ring.yaml:1:1: there is neither edges nor overlay']],
    [
      'what belongs to edges, beside an overlay',
      'overlay: { kind: ring }\nhub: planner\n',
      ['ring.yaml:2:6: hub belongs to edges: an overlay says it itself, where it can'],
    ],
    [
      'a number out of bounds',
      'overlay:\n  kind: small-world\n  rewire: 2\n',
      ['ring.yaml:3:11: overlay.rewire cannot be 2: Too big: expected number to be <=1'],
    ],
    [
      'a hub of no role, once',
      'edges: [[planner, coder]]\nhub: boss\n',
      [
        `ring.yaml:2:6: "boss" is no role, and no peer of one: roles are ${roles}; a peer is called like planner-1`,
      ],
    ],
    ['nothing', '', ['ring.yaml:1:1: a topology file is a map: name, and edges or overlay']],
    ['a list', '- [a, b]\n', ['ring.yaml:1:1: a topology file is a map: name, and edges or overlay']],
  ])('is said of %s', (_, text, expected) => {
    expect(complaints(text)).toEqual(expected)
  })

  it.each([
    [
      'YAML',
      'name: x\nedges:\n  - [planner, coder\n',
      /^ring\.yaml:\d:\d+: .*A topology file is YAML or JSON$/,
    ],
    [
      'JSON',
      '{\n  "name": "x",\n  "edges": [["planner" "coder"]]\n}',
      /^ring\.yaml:3:\d+: .*"edges": \[\["planner" "coder"\]\]/,
    ],
    ['a key twice', 'name: x\nname: y\n', /^ring\.yaml:2:1: .*unique.*name: y/],
    [
      'a tag',
      'edges: !secret [[planner, coder]]\n',
      /^ring\.yaml:1:8: Unresolved tag: !secret, in edges: !secret/,
    ],
    ['two documents', 'a: 1\n---\nb: 2\n', /^ring\.yaml:2:1: a second document begins here, in ---\./],
    [
      'an alias',
      'edges: &e [[planner, coder]]\nname: *e\n',
      /^ring\.yaml:2:7: name: \*e has an alias: write it out$/,
    ],
  ])('is said of the syntax: %s', (_, text, expected) => {
    expect(complaints(text)[0]).toMatch(expected)
  })

  it('is said all at once, in the order of the file, and as data', () => {
    expect(() => read('edges:\n  - [planner, codr]\n  - [codr, reviewr]\n')).toThrowError(
      expect.objectContaining({
        problems: [
          expect.objectContaining({ line: 2, column: 15 }),
          expect.objectContaining({ line: 3, column: 6 }),
          expect.objectContaining({ line: 3, column: 12 }),
        ],
      }),
    )
  })
})
