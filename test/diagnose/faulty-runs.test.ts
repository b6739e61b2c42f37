/** The faulty runs as a whole: what is true of each of them. */
import { describe, expect, it } from 'vitest'
import { storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import { plantedFaults } from './faults/index.ts'
import { changedAfterTheCheck } from './faults/no-verification.ts'
import { killedTwice } from './faults/peer-died.ts'
import { sameDraft } from './faults/ping-pong.ts'
import { spentByOne } from './faults/quota-starvation.ts'

const distinct = (values: readonly unknown[]) => new Set(values).size

describe('each faulty run', () => {
  it.each(plantedFaults)(
    'is one tree, in which stands who is to blame: $name',
    async ({ run, blame, innocent = [] }) => {
      const tree = traceTree((await run()).spans)
      expect({ roots: tree.roots.length, orphans: tree.orphans }).toEqual({ roots: 1, orphans: [] })
      const ids = storyOf(tree).conversations.map(({ id }) => id)
      expect(blame.filter((id) => ids.includes(id))).not.toEqual([])
      expect(innocent.filter((id) => !ids.includes(id) || blame.includes(id))).toEqual([])
    },
  )

  it.each([sameDraft, killedTwice, spentByOne, changedAfterTheCheck])(
    'is the same each time: $name',
    async ({ run }) => {
      const [once, again] = [await run(), await run()]
      expect(again.spans).toEqual(once.spans)
    },
  )
})

describe('the faulty runs', () => {
  it('are at least ten, of every kind, and no two of one name', () => {
    expect(plantedFaults.length).toBeGreaterThanOrEqual(10)
    expect(distinct(plantedFaults.map(({ code }) => code))).toBe(11)
    expect(distinct(plantedFaults.map(({ name }) => name))).toBe(plantedFaults.length)
  })
})
