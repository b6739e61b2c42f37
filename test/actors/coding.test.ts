import { describe, expect, it } from 'vitest'
import { codingJob } from '../../actors/coding.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'

const workspace = new URL('../fixtures/workspaces/tiny', import.meta.url).pathname
const job = { goal: 'make it work', workspace }
const FOUR = ['planner', 'researcher', 'coder', 'reviewer']

describe('the coding job', () => {
  it.each([
    [undefined, FOUR, 'planner'],
    ['peers', FOUR, 'planner'],
    ['hub', [...FOUR, 'supervisor'], 'planner'],
    ['solo', ['solo'], 'solo'],
  ] as const)('wired as %s is done by %j and begins with the %s', async (wiring, roles, first) => {
    const { roles: crew, prepare } = codingJob({ ...job, ...(wiring && { wiring }) })
    expect(crew.map(({ role }) => role.name)).toEqual(roles)
    const { start } = await prepare({ blobs: timelessBlobs() } as unknown as Bus)
    expect(start).toMatchObject({ role: first, message: { type: 'run.goal' } })
  })

  it('has one supervisor, unless it is to have more', () => {
    const counts = (peers?: Readonly<Record<string, number>>) =>
      codingJob({ ...job, wiring: 'hub', ...(peers && { peers }) }).roles.map(({ count }) => count)
    expect(counts()).toEqual([1, 2, 2, 1, 1])
    expect(counts({ supervisor: 2 })).toEqual([1, 2, 2, 1, 2])
  })
})
