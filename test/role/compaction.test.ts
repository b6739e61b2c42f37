import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatRequest, TranscriptEntry } from '../../src/model/model.ts'
import { renderMessages } from '../../src/model/openai/messages.ts'
import { compacted, estimatedTokens, smallerContext } from '../../src/role/compaction.ts'

const message: TranscriptEntry = {
  kind: 'message',
  type: 'task.request',
  from: 'planner-1',
  body: { goal: 'g'.repeat(900) },
}
const call = (number: number, input: unknown = { path: `file-${number}` }): TranscriptEntry => ({
  ...{ kind: 'reply', text: '' },
  calls: [{ id: `call-${number}`, tool: 'read', input }],
})
const result = (number: number, characters: number): TranscriptEntry => ({
  ...{ kind: 'result', call: `call-${number}`, tool: 'read' },
  output: { text: 'x'.repeat(characters) },
})
const reading = (times: number, characters: number) =>
  Array.from({ length: times }, (_, at) => [call(at + 1), result(at + 1, characters)]).flat()
const request = (transcript: readonly TranscriptEntry[], more: Partial<ChatRequest> = {}): ChatRequest => ({
  ...{ role: 'coder', instructions: 'Code.', tools: [], answers: [], transcript },
  maxOutputTokens: 1_000,
  ...more,
})
const outputOf = (entry: TranscriptEntry | undefined) => (entry as { output: unknown }).output

describe('a prompt that fits', () => {
  it('is left as it is', () => {
    const asked = request([message, ...reading(5, 3_000)])
    const { transcript, leftOut, bytes } = compacted(asked, 100_000)
    expect(transcript).toBe(asked.transcript)
    expect({ leftOut, bytes }).toEqual({ leftOut: 0, bytes: 0 })
  })
})

describe('a prompt that does not fit', () => {
  const whole = [message, { kind: 'correction', text: 'c'.repeat(900) } as const, ...reading(20, 3_000)]
  const { transcript, leftOut, bytes } = compacted(request(whole), 20_000)

  it('loses its oldest results, each with a line that says what it was, its size, and how to get it again', () => {
    expect(outputOf(transcript[3])).toBe(
      '[3011 characters that read gave are left out to make room for what came later: call read again, with the same arguments, if you need it]',
    )
    expect(leftOut).toBeGreaterThan(5)
    expect(bytes).toBe(JSON.stringify(whole).length - JSON.stringify(transcript).length)
  })

  it('keeps messages, corrections, replies with their calls, and the last entries whole', () => {
    const kept = whole.filter((entry) => entry.kind !== 'result')
    expect(transcript.filter((entry) => entry.kind !== 'result')).toEqual(kept)
    expect(transcript.slice(-8)).toEqual(whole.slice(-8))
    expect(transcript).toHaveLength(whole.length)
  })

  it('fits then, with room for the reply', () => {
    expect(estimatedTokens(request(transcript))).toBeLessThanOrEqual(19_000)
  })

  it('loses results among the last entries where that is not enough, and the last ones only where they do not fit', () => {
    const few = compacted(request([message, ...reading(3, 9_000)]), 6_000).transcript
    expect(few.map((entry) => entry.kind === 'result' && typeof outputOf(entry) === 'string')).toEqual([
      ...[false, false, true, false, true, false, false],
    ])
    const huge = compacted(request([message, ...reading(1, 90_000)]), 6_000).transcript
    expect(outputOf(huge[2])).toMatch(
      /^\[90011 characters that read gave are left out since it is too large: ask read for less/,
    )
  })

  it('loses long arguments of earlier calls, and never what is short in them', () => {
    const written = [
      message,
      call(1, { path: 'a.ts', content: 'y'.repeat(9_000) }),
      result(1, 2),
      ...reading(1, 2),
    ]
    const { transcript } = compacted(request(written), 3_000)
    const input = (transcript[1] as { calls: readonly { input: { path: string; content: string } }[] })
      .calls[0]!.input
    expect(input).toEqual({
      path: 'a.ts',
      content: expect.stringMatching(/^\[9000 characters are left out here/),
    })
  })

  it('loses the text of long errors as well', () => {
    const failed = {
      kind: 'error',
      call: 'call-1',
      tool: 'read',
      code: 'tool.failed',
      message: 'e'.repeat(9_000),
    } as const
    const { transcript } = compacted(request([message, call(1), failed, ...reading(5, 600)]), 4_000)
    expect(transcript[2]).toMatchObject({
      code: 'tool.failed',
      message: expect.stringMatching(/^\[9000 characters of this error/),
    })
  })

  it('fails where nothing more may be left out, and says by how much and what to do', () => {
    const asked = request([message, message, message])
    expect(() => compacted(asked, 1_500)).toThrow(
      expect.objectContaining({
        code: 'model.context-length',
        retryable: false,
        message: expect.stringMatching(/some \d+ tokens.*room for 500 of a context of 1500.*contextTokens/),
      }),
    )
  })
})

describe('prompts that grow', () => {
  const entries = fc.array(
    fc.record({
      size: fc.integer({ min: 0, max: 4_000 }),
      kind: fc.constantFrom('result', 'result', 'message', 'correction'),
    }),
    { minLength: 5, maxLength: 60 },
  )
  const transcriptOf = (drawn: readonly { size: number; kind: string }[]) =>
    drawn.flatMap(({ size, kind }, at): TranscriptEntry[] => {
      if (kind === 'message') return [{ kind, type: 't', from: 'p-1', body: 'm'.repeat(size % 50) }]
      if (kind === 'correction') return [{ kind, text: 'shorter' }]
      return [call(at), result(at, size)]
    })

  it('leave out again what was left out before, and the same for the same record (C1, C2)', () => {
    fc.assert(
      fc.property(entries, fc.nat(60), (drawn, cut) => {
        const whole = transcriptOf(drawn)
        const before = whole.slice(0, Math.min(cut, whole.length - 1))
        const earlier = compacted(request(before), 12_000).transcript
        const later = compacted(request(whole), 12_000).transcript
        for (const [at, entry] of earlier.entries())
          if (entry !== before[at]) expect(later[at]).not.toBe(whole[at])
        expect(compacted(request(structuredClone(whole)), 12_000).transcript).toEqual(later)
      }),
      { numRuns: 50 },
    )
  })

  it('are the beginning of the next one, rendered, except at the few points where something is left out', () => {
    const whole = [message, ...reading(60, 2_000)]
    const rendered = whole.map((_, length) => {
      const { transcript } = compacted(request(whole.slice(0, length + 1)), 20_000)
      return renderMessages('Code.', transcript)
    })
    let changes = 0
    for (const [at, messages] of rendered.slice(0, -1).entries()) {
      const next = rendered[at + 1]!.slice(0, messages.length)
      if (JSON.stringify(next) !== JSON.stringify(messages)) changes++
    }
    // 43,000 tokens came through a room of 19,000, half of which is freed each time.
    expect(changes).toBeGreaterThan(0)
    expect(changes).toBeLessThanOrEqual(5)
  })

  it('are the beginning of the next one, rendered, whatever comes, while nothing is left out', () => {
    fc.assert(
      fc.property(entries, (drawn) => {
        const whole = transcriptOf(drawn)
        const next = renderMessages('Code.', whole)
        for (let length = 1; length <= whole.length; length++)
          expect(next.slice(0, length + 1)).toEqual(renderMessages('Code.', whole.slice(0, length)))
      }),
      { numRuns: 20 },
    )
  })
})

describe('a context that turns out to be smaller', () => {
  const asked = request(reading(10, 3_000)) // some 10,500 tokens
  it.each([
    [8_192, undefined, 8_192],
    [8_192, 100_000, 8_192],
    // The endpoint counts more tokens than were estimated.
    [8_192, 8_192, 4_096],
    [undefined, 8_192, 4_096],
    [undefined, undefined, 8_192],
    [undefined, 3_000, undefined],
  ])('of %s by its endpoint, %s as was known, is tried as %s', (told, known, tried) => {
    expect(smallerContext(asked, told, known)).toBe(tried)
  })
})
