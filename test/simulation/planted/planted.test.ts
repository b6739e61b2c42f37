/**
 * Proof that the simulator bites: bugs that it must find. `TABLE=1` prints how many seeds each takes, the median over
 * several first seeds, as `docs/simulation.md` has it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUGS } from './bugs.ts'
import { plant, seedsToFind } from './plant.ts'

const STARTS = [1, 1_001, 2_001, 3_001, 4_001, 5_001, 6_001, 7_001, 8_001]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-planted-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the simulator finds', () => {
  it.each(BUGS)('$name, within $within seeds', { timeout: 120_000 }, async (bug) => {
    const trial = await plant(bug, folder)
    const found = await seedsToFind(trial, bug, bug.from ?? 1, bug.within)
    expect(bug.breaks, found?.breach.text).toContain(found?.breach.invariant)
  })
})

describe.runIf(process.env.TABLE)('the table of bugs', () => {
  it('is printed', { timeout: 600_000 }, async () => {
    const rows: string[] = []
    for (const bug of BUGS) {
      const trial = await plant(bug, folder)
      const tried: number[] = []
      const invariants = new Set<string>()
      for (const first of STARTS) {
        const found = await seedsToFind(trial, bug, first, 1_000)
        tried.push(found?.tried ?? Number.POSITIVE_INFINITY)
        if (found !== undefined) invariants.add(found.breach.invariant)
      }
      const median = tried.toSorted((a, b) => a - b)[STARTS.length >> 1]!
      rows.push(`| ${bug.name} | ${median} | ${Math.max(...tried)} | ${[...invariants].sort().join(', ')} |`)
    }
    process.stdout.write(`\n${rows.join('\n')}\n`)
  })
})
