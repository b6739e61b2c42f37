import { describe, expect, it } from 'vitest'
import { bar, ruler } from '../../../traces/read/bar.ts'

const scale = { startMs: 0, endMs: 10, cells: 10 }

describe('a bar', () => {
  it.each([
    ['a whole cell', 2, 3, '  ━       '],
    ['halves at both ends', 1.5, 3.5, ' ╺━╸      '],
    ['all', 0, 10, '━━━━━━━━━━'],
    ['a moment', 4, 4, '    ╸     '],
    ['the last moment', 10, 10, '         ╺'],
    ['no more than there is', -5, 50, '━━━━━━━━━━'],
  ])('covers %s', (_what, from, to, line) => {
    expect(bar(scale, from, to)).toBe(line)
  })

  it('is dotted where it stands for several', () => {
    expect(bar(scale, 1.5, 3.5, true)).toBe(' ┄┄┄      ')
  })

  it('begins where all begins when nothing takes time', () => {
    expect(bar({ ...scale, endMs: 0 }, 0, 0)).toBe('╸         ')
  })
})

describe('a ruler', () => {
  it.each([
    [18_000, 30, '╷0      ╷5 s    ╷10 s    ╷15 s'],
    [18_000, 18, '╷0        ╷10 s'],
    [18_000, 8, '╷0'],
    [3 * 60_000, 30, '╷0        ╷1m       ╷2m'],
    [0.3, 30, '╷0        ╷0.1 ms   ╷0.2 ms'],
    [0, 10, '╷0'],
  ])('of %d ms on %d cells has ticks at round times that do not touch', (length, cells, line) => {
    expect(ruler({ startMs: 100, endMs: 100 + length, cells })).toBe(line)
  })
})
