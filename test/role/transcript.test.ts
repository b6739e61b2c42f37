import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlobHash } from '../../protocols/ids.ts'
import type { TranscriptEntry } from '../../src/model/model.ts'
import { folded, foldTranscript, type Transcript, wholeTranscript } from '../../src/role/transcript.ts'
import { aBus } from '../tools/workspace.ts'

const none: Transcript = { earlier: null, transcript: [] }
const entry = (size: number): TranscriptEntry => ({ kind: 'correction', text: 'x'.repeat(size) })
const add = ({ earlier, transcript }: Transcript, ...more: TranscriptEntry[]): Transcript => ({
  earlier,
  transcript: [...transcript, ...more],
})

describe('a transcript', () => {
  it('says the same, wherever it was folded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ size: fc.integer({ min: 0, max: 40_000 }), fold: fc.boolean() }), {
          maxLength: 12,
        }),
        async (steps) => {
          const blobs = aBus().blobs
          let kept = none
          for (const { size, fold } of steps) {
            const made = fold ? await foldTranscript(kept, blobs) : undefined
            kept = folded(add(kept, entry(size)), made)
          }
          expect(await wholeTranscript(kept, blobs)).toEqual(steps.map(({ size }) => entry(size)))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('that is small stays where it is', async () => {
    expect(await foldTranscript(add(none, entry(100)), aBus().blobs)).toBeUndefined()
  })

  it('takes no fold that was made before another one', async () => {
    const blobs = aBus().blobs
    const long = add(none, entry(40_000))
    const fold = await foldTranscript(long, blobs)
    const once = folded(add(long, entry(1)), fold)
    expect(once.transcript).toEqual([entry(1)])
    expect(folded(once, fold)).toEqual(once)
  })

  it('whose blob is gone says so', async () => {
    const lost = { earlier: 'f00d' as BlobHash, transcript: [] }
    await expect(wholeTranscript(lost, aBus().blobs)).rejects.toMatchObject({ code: 'role.transcript-lost' })
  })
})
