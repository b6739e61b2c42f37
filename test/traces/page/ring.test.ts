import { describe, expect, it } from 'vitest'
import { ringOf } from '../../../traces/page/ring.ts'

const SIZES = [
  [320, 320],
  [500, 330],
  [400, 900],
  [980, 620],
  [2_000, 400],
] as const
const COUNTS = [1, 2, 3, 4, 6, 8, 12, 20, 40]

describe('the ring of the topology', () => {
  it.each(SIZES)(
    'lets no node lie on another or outside of the picture, %i by %i pixels',
    (width, height) => {
      for (const count of COUNTS) {
        const { at, radius } = ringOf(width, height, count)
        const points = Array.from({ length: count }, (_, index) => (2 * Math.PI * index) / count).map(
          (angle) => at({ x: Math.cos(angle), y: Math.sin(angle) }),
        )
        for (const [index, { x, y }] of points.entries()) {
          expect(x - radius).toBeGreaterThanOrEqual(0)
          expect(x + radius).toBeLessThanOrEqual(width)
          expect(y - radius).toBeGreaterThanOrEqual(0)
          expect(y + radius).toBeLessThanOrEqual(height)
          for (const other of points.slice(index + 1))
            expect(Math.hypot(x - other.x, y - other.y)).toBeGreaterThan(2 * radius)
        }
      }
    },
  )

  it('has names inside where there is room, and beside where there is none', () => {
    expect(ringOf(980, 620, 5)).toMatchObject({ radius: 50, hasNamesInside: true })
    expect(ringOf(320, 320, 12).hasNamesInside).toBe(false)
  })
})
