/** The faulty runs as a whole: how many there are, and that they can be repeated. */
import { describe, expect, it } from 'vitest'
import { plantedFaults } from './faults/index.ts'
import { changedAfterTheCheck } from './faults/no-verification.ts'
import { killedTwice } from './faults/peer-died.ts'
import { sameDraft } from './faults/ping-pong.ts'
import { spentByOne } from './faults/quota-starvation.ts'

const distinct = (values: readonly unknown[]) => new Set(values).size

describe('the faulty runs', () => {
  it.each([sameDraft, killedTwice, spentByOne, changedAfterTheCheck])(
    'are the same each time: $name',
    async ({ run }) => {
      const [once, again] = [await run(), await run()]
      expect(again.spans).toEqual(once.spans)
    },
  )

  it('are at least ten, of every kind, and no two of one name', () => {
    expect(plantedFaults.length).toBeGreaterThanOrEqual(10)
    expect(distinct(plantedFaults.map(({ code }) => code))).toBe(11)
    expect(distinct(plantedFaults.map(({ name }) => name))).toBe(plantedFaults.length)
  })
})
