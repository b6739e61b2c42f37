import { describe, expect, it } from 'vitest'
import { codingJob } from '../../actors/coding.ts'
import { roleName } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'
import { topologyNamed } from '../../src/topology/topology.ts'

const workspace = new URL('../fixtures/workspaces/tiny', import.meta.url).pathname
const job = { goal: 'make it work', workspace }
const star = topologyNamed('star', { roles: [] })
const FOUR = ['planner', 'researcher', 'coder', 'reviewer']

describe('the coding job', () => {
  it.each([
    [undefined, FOUR, 'planner'],
    ['ring', FOUR, 'planner'],
    ['star', [...FOUR, 'supervisor'], 'planner'],
    ['solo', ['solo'], 'solo'],
  ] as const)('wired as %s is done by %j and begins with the %s', async (name, roles, first) => {
    const topology = name && topologyNamed(name, { roles: FOUR.map(roleName) })
    const { roles: crew, prepare } = codingJob({ ...job, topology })
    expect(crew.map(({ role }) => role.name)).toEqual(roles)
    const { start } = await prepare({ blobs: timelessBlobs() } as unknown as Bus)
    expect(start).toMatchObject({ role: first, message: { type: 'run.goal' } })
  })

  it('has one supervisor, unless it is to have more', () => {
    const counts = (peers?: Readonly<Record<string, number>>) =>
      codingJob({ ...job, topology: star, ...(peers && { peers }) }).roles.map(({ count }) => count)
    expect(counts()).toEqual([1, 2, 2, 1, 1])
    expect(counts({ supervisor: 2 })).toEqual([1, 2, 2, 1, 2])
  })
})
