/** `--topology` and `--placement`: what they make of names and files, and what is said of those that make no sense. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wishedTopology } from '../../cli/input/topology.ts'
import { roleName } from '../../protocols/ids.ts'
import { openProject, type Project } from '../e2e/project.ts'
import { TWO_TEAMS } from '../topologies/combinations.ts'
import { ROLES } from '../topology/members.ts'

const FILES = {
  'pilot.yaml': 'edges:\n  - [planner, coder]\n  - [planner, pilot]\n',
  'torn.json': '{ "edges": [["planner", "coder"]',
  'short.yaml': 'edges:\n  - [planner, coder]\n  - [coder, reviewer]\n',
  'island.yaml': 'edges:\n  - [planner, planner]\n  - [researcher, coder]\n  - [coder, reviewer]\n',
  'alone.yaml': 'overlay: { kind: solo }\nplacement: hash\n',
  'star.yaml': 'overlay: { kind: star }\n',
}

let project: Project
beforeAll(async () => {
  project = await openProject()
  await project.copyOf('tiny')
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(project.folder, name), text)
})
afterAll(() => project.close())

const wished = (topology?: string, placement?: 'auction') =>
  wishedTopology({ topology, placement }, ROLES, [...ROLES, roleName('solo')])

describe('a topology on the command line', () => {
  it('is a mesh unless one is named', async () => {
    expect(await wished()).toMatchObject({ name: 'mesh', placement: 'anybody', roles: ROLES })
  })

  it('is read from a file, and a placement there gives way to one of the command line', async () => {
    const file = join(project.folder, 'alone.yaml')
    expect(await wished(file)).toMatchObject({ wiring: 'solo', placement: 'hash' })
    expect(await wished(file, 'auction')).toMatchObject({ wiring: 'solo', placement: 'auction' })
  })

  it.each(['solo', 'alone.yaml'])('has one role where one does it all: %s', async (name) => {
    const { roles } = await wished(name === 'solo' ? name : join(project.folder, name))
    expect(roles).toEqual(['solo'])
  })

  it.each(['star', 'star.yaml'])('has a supervisor beside the roles of the job: %s', async (name) => {
    const { roles } = await wished(name === 'star' ? name : join(project.folder, name))
    expect(roles.toSorted()).toEqual([...ROLES, 'supervisor'].toSorted())
  })

  it('may be the example of the documentation', async () => {
    expect(await wished(TWO_TEAMS)).toMatchObject({ name: 'two-teams', wiring: 'peers', roles: ROLES })
  })
})

describe('a file that cannot be read', () => {
  it('is said to be neither a topology nor a file', async () => {
    await expect(wished(project.folder)).rejects.toMatchObject({
      code: 'cli.topology',
      message: expect.stringContaining('is no topology, and no file that can be read'),
    })
  })

  it('is quoted with the line where it breaks off', async () => {
    const file = join(project.folder, 'torn.json')
    await expect(wished(file)).rejects.toMatchObject({
      code: 'topology.file',
      message: expect.stringMatching(/torn\.json:1:\d+: .*YAML or JSON/),
    })
  })
})

describe('what makes no sense ends with code 2, before anything begins, and is one JSON object to a program', () => {
  it.each<[string, readonly string[], string, RegExp]>([
    [
      'a topology that is none',
      ['--topology', 'moebius'],
      'cli.topology',
      /"moebius" is no topology.*small-world/,
    ],
    [
      'a role that nobody knows, with its line',
      ['--topology', 'pilot.yaml'],
      'topology.file',
      /^pilot\.yaml:3:15: "pilot" is no role/,
    ],
    [
      'a file that leaves out a role of the job',
      ['--topology', 'short.yaml'],
      'flock.topology',
      /"short" leaves out "researcher", which the job has/,
    ],
    [
      'edges with no way to a role',
      ['--topology', 'island.yaml'],
      'flock.topology',
      /"island" has no way between "planner" and any other role/,
    ],
    ['a placement that is none', ['--placement', 'nowhere'], 'cli.usage', /"nowhere".*"blackboard"/s],
    [
      'peers that have nothing to do under it',
      ['--topology', 'solo', '--peers', 'solo=1,coder=2'],
      'cli.peers',
      /under the topology "solo" no coder has anything to do: its roles are solo/,
    ],
  ])('%s', async (_, args, code, text) => {
    const ended = await project.skein(['run', 'goal', '-w', 'tiny', '--json', ...args]).ended
    expect({ code: ended.code, ...JSON.parse(ended.stdout) }).toEqual({
      code: 2,
      error: { code, message: expect.stringMatching(text) },
    })
    expect(ended.stderr).toMatch(/^skein: /)
    expect(ended.stderr).not.toMatch(/^ {4}at /m)
  })
})
