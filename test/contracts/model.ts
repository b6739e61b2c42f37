/**
 * What every adapter of the model port must do. An adapter passes it with a harness: the model and requests of which
 * it is known what comes of them.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type ChatChunk,
  type ChatRequest,
  collectReply,
  type Model,
  ModelError,
} from '../../src/model/model.ts'

type Skip = { readonly skip: string }

/** How an endpoint misbehaves, once; each passes. */
export const TROUBLES = [
  'never begins to reply',
  'falls silent in the middle',
  'cuts the connection in the middle',
  'ends in the middle',
  'sends no reply',
  'sends what is not JSON',
  'breaks off with an error',
  'turns the call away',
  'fails',
  'cuts the arguments of a call short',
  'reaches a limit in the arguments of a call',
] as const
export type Trouble = (typeof TROUBLES)[number]

export type ModelHarness = {
  readonly model: Model
  /** Is replied to with an answer. */
  readonly answering: ChatRequest
  /** Is replied to with calls; or why this model never calls. */
  readonly calling: ChatRequest | Skip
  /** Fails with a ModelError; or why this model never fails. */
  readonly failing: ChatRequest | Skip
  /**
   * The request at which the model's endpoint misbehaves; or why there is none that could. Its time is the harness's:
   * a model that waits for its endpoint is to find that time is up, without waiting.
   */
  readonly troubled?: ((trouble: Trouble) => ChatRequest) | Skip
  close(): Promise<void>
}

export function modelContract(name: string, makeModel: () => Promise<ModelHarness>): void {
  describe(`${name}, as a model`, () => {
    let harness: ModelHarness
    beforeEach(async () => {
      harness = await makeModel()
    })
    afterEach(() => harness.close())

    const stream = (request: ChatRequest, signal = new AbortController().signal) =>
      harness.model.stream(request, { signal })

    it('says who it is', async () => {
      const chunks = await readAll(stream(harness.answering))
      expect(harness.model.provider).not.toBe('')
      expect(harness.model.name).not.toBe('')
      expect(chunks.at(-1)).toMatchObject({ kind: 'end', model: expect.stringMatching(/./) })
    })

    it('ends an answer with exactly one end chunk, the last', async () => {
      const chunks = await readAll(stream(harness.answering))
      expect(chunks.filter((chunk) => chunk.kind === 'end')).toEqual([chunks.at(-1)])
      expect(chunks.at(-1)).toMatchObject({ finish: 'stop' })
    })

    it('answers once, with a type that was offered, and calls nothing then', async () => {
      const chunks = await readAll(stream(harness.answering))
      const answers = chunks.filter((chunk) => chunk.kind === 'answer')
      expect(answers).toHaveLength(1)
      expect(harness.answering.answers.map((answer) => answer.type)).toContain(answers[0]?.type)
      expect(chunks.filter((chunk) => chunk.kind === 'call')).toEqual([])
    })

    it('calls tools that were offered, under ids of their own, and answers nothing then', async ({
      skip,
    }) => {
      const { calling } = harness
      if ('skip' in calling) return skip(calling.skip)
      const reply = await collectReply(stream(calling))
      expect(reply.finish).toBe('tool_calls')
      expect(reply.answer).toBeUndefined()
      expect(reply.calls).not.toEqual([])
      const offered = calling.tools.map((tool) => tool.name)
      expect(reply.calls.filter((call) => !offered.includes(call.tool))).toEqual([])
      expect(new Set(reply.calls.map((call) => call.id)).size).toBe(reply.calls.length)
    })

    it('tells no negative and no broken number of tokens', async () => {
      const { usage } = await collectReply(stream(harness.answering))
      for (const tokens of usage ? [usage.inputTokens, usage.outputTokens] : []) {
        expect(Number.isSafeInteger(tokens) && tokens >= 0).toBe(true)
      }
    })

    it('passes on only what survives JSON, since it is kept in records', async () => {
      const chunks = await readAll(stream(harness.answering))
      expect(JSON.parse(JSON.stringify(chunks))).toEqual(chunks)
    })

    it('leaves the request as it is', async () => {
      const before = structuredClone(harness.answering)
      await readAll(stream(deepFreeze(structuredClone(harness.answering))))
      expect(harness.answering).toEqual(before)
    })

    it('keeps two replies at once apart', async () => {
      const { answering, calling } = harness
      const other = 'skip' in calling ? answering : calling
      const [first, second] = await Promise.all([
        collectReply(stream(answering)),
        collectReply(stream(other)),
      ])
      expect(first.answer).toBeDefined()
      expect(first.calls).toEqual([])
      expect(second.finish).toBe(other === calling ? 'tool_calls' : 'stop')
    })

    it('sends nothing when the signal is aborted already', async () => {
      const reason = new Error('too late')
      const { chunks, error } = await readUntilError(stream(harness.answering, AbortSignal.abort(reason)))
      expect(chunks).toEqual([])
      expect(error).toBe(reason)
    })

    it("ends with the signal's reason when it is aborted in the middle", async () => {
      const reason = new Error('enough')
      const controller = new AbortController()
      const { chunks, error } = await readUntilError(stream(harness.answering, controller.signal), () =>
        controller.abort(reason),
      )
      expect(chunks).toHaveLength(1)
      expect(error).toBe(reason)
    })

    it('replies again after a reply that nobody read to its end', async () => {
      for await (const _ of stream(harness.answering)) break
      expect((await collectReply(stream(harness.answering))).answer).toBeDefined()
    })

    it.for(TROUBLES)(
      'hangs for nothing and loses nothing when its endpoint %s: it fails in a way that may pass, or what came is of use',
      async (trouble, { skip }) => {
        const { troubled = { skip: 'it has no endpoint' } } = harness
        if ('skip' in troubled) return skip(troubled.skip)
        const { chunks, error } = await readUntilError(stream(troubled(trouble)))
        const ends = chunks.filter((chunk) => chunk.kind === 'end')
        if (error === undefined) expect(ends).toEqual([chunks.at(-1)])
        else {
          expect(error).toBeInstanceOf(ModelError)
          expect(error).toMatchObject({ code: expect.stringMatching(/^model\.[a-z-]+$/), retryable: true })
          // What is acted on is passed on only from a reply that is whole.
          expect(chunks.filter((chunk) => chunk.kind !== 'text')).toEqual([])
        }
        expect((await collectReply(stream(harness.answering))).answer).toBeDefined()
      },
    )

    it('fails with a ModelError that says whether trying again helps, and with no end chunk', async ({
      skip,
    }) => {
      const { failing } = harness
      if ('skip' in failing) return skip(failing.skip)
      const { chunks, error } = await readUntilError(stream(failing))
      expect(chunks.filter((chunk) => chunk.kind === 'end')).toEqual([])
      expect(error).toBeInstanceOf(ModelError)
      expect(error).toMatchObject({
        code: expect.stringMatching(/^model\.[a-z-]+$/),
        retryable: expect.any(Boolean),
      })
    })
  })
}

export async function readAll(stream: AsyncIterable<ChatChunk>): Promise<ChatChunk[]> {
  const { chunks, error } = await readUntilError(stream)
  if (error !== undefined) throw error
  return chunks
}

/** What came, and the error that ended it, if one did. */
export async function readUntilError(
  stream: AsyncIterable<ChatChunk>,
  onChunk: (chunk: ChatChunk) => void = () => {},
): Promise<{ chunks: ChatChunk[]; error: unknown }> {
  const chunks: ChatChunk[] = []
  try {
    for await (const chunk of stream) {
      chunks.push(chunk)
      onChunk(chunk)
    }
    return { chunks, error: undefined }
  } catch (error) {
    return { chunks, error }
  }
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze)
  return value
}
