import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundedOutput } from '../../src/tools/output.ts'

const collected = (limit: number, ...chunks: (string | Uint8Array)[]) => {
  const output = boundedOutput(limit)
  for (const chunk of chunks) output.add(Buffer.from(chunk))
  return output.read()
}

describe('bounded output', () => {
  it('is whole up to the limit', () => {
    expect(collected(10, '01234', '56789')).toEqual({ output: '0123456789', truncated: false })
    expect(collected(10)).toEqual({ output: '', truncated: false })
  })

  it('keeps the beginning and the end beyond it, and says how much is missing', () => {
    expect(collected(10, '01234', '5678', '9abcdef')).toEqual({
      output: '01234\n[6 bytes left out]\nbcdef',
      truncated: true,
    })
  })

  it('does not tear a character where nothing is left out', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]
    expect(collected(4, 'a', first, second)).toEqual({ output: 'aé', truncated: false })
  })

  it('is the same however the bytes come in', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 9 })), fc.integer({ min: 1, max: 20 }), (chunks, limit) => {
        expect(collected(limit, ...chunks)).toEqual(collected(limit, chunks.join('')))
      }),
    )
  })
})
