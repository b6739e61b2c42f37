import { expect, it } from 'vitest'
import { z } from 'zod'
import type { BlobHash } from '../../protocols/ids.ts'
import { blobHashSchema } from '../../protocols/ids.ts'
import { run } from '../../protocols/run.ts'
import { askedOfModel, withHashes } from '../../src/role/hash-fields.ts'

const TREE = 'a'.repeat(64) as BlobHash
const keysOf = (body: z.ZodType) => Object.keys((z.toJSONSchema(body) as { properties: object }).properties)

it('asks a model for no hash, and fills them in: the tree as it is, no other', () => {
  const { result } = run.messages
  expect(keysOf(askedOfModel(result).body)).toEqual(['outcome', 'reason'])
  const said = { outcome: 'completed', reason: 'all is well' }
  const body = withHashes(result, said, TREE)
  expect(body).toEqual({ ...said, tree: TREE, patch: null, report: null })
  expect(result.body.safeParse(body).success).toBe(true)
})

it('leaves alone what takes other texts, or needs a hash, and what is not an object', () => {
  const words = { type: 'oak.is', body: z.object({ tree: z.string().nullable(), any: z.any() }) }
  const needed = { type: 'oak.seen', body: z.object({ tree: blobHashSchema }) }
  const alone = { type: 'oak.said', body: z.string() }
  for (const answer of [words, needed, alone]) expect(askedOfModel(answer)).toBe(answer)
  expect(withHashes(words, { tree: 'an oak' }, TREE)).toEqual({ tree: 'an oak' })
  expect(withHashes(alone, 'an oak', TREE)).toBe('an oak')
})

it('keeps what an answer is for', () => {
  const { body } = askedOfModel({
    type: 'a.b',
    body: z.object({ tree: blobHashSchema.nullable() }).describe('it is done'),
  })
  expect(body.description).toBe('it is done')
})
