import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseInput } from '../../src/tools/input.ts'

const schema = z.object({
  path: z.string(),
  from: z.number().nullable(),
  edits: z
    .array(z.object({ old: z.string().nullable(), at: z.object({ line: z.number().nullable() }) }))
    .nullable(),
})

describe('the input of a call', () => {
  it('is taken as it is where it fits', () => {
    const whole = { path: 'a', from: 1, edits: null }
    expect(parseInput(schema, whole)).toMatchObject({ success: true, data: whole })
  })

  it('has null for what was left out and may be null, at any depth', () => {
    const parsed = parseInput(schema, { path: 'a', edits: [{ at: { line: 1 } }, { old: 'x', at: {} }] })
    expect(parsed.data).toEqual({
      path: 'a',
      from: null,
      edits: [
        { old: null, at: { line: 1 } },
        { old: 'x', at: { line: null } },
      ],
    })
  })

  it.each([[{ from: 1 }], [{ path: 'a', from: 'x' }], [{ path: 'a', edits: [{}] }], ['text'], [null], [[]]])(
    'is refused as it would be otherwise: %j',
    (given) => {
      expect(parseInput(schema, given).error?.issues).toEqual(
        schema.safeParse(given).error?.issues.map((issue) => expect.objectContaining(issue)),
      )
    },
  )

  it('gives nobody a key that it did not have', () => {
    const given = JSON.parse('{"__proto__": {"path": "x"}}')
    expect(parseInput(z.object({ path: z.string().nullable() }), given).data).toEqual({ path: null })
  })
})
