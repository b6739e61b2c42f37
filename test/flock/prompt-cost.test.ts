import { describe, expect, it, onTestFinished } from 'vitest'
import { coder } from '../../actors/coder/index.ts'
import { promptCosts } from '../../src/flock/prompt-cost.ts'
import { collectReply } from '../../src/model/model.ts'
import { openaiModel } from '../../src/model/openai/model.ts'
import { tokenCounter } from '../../src/model/tokens.ts'
import { promptOf } from '../../src/role/role-prompt.ts'
import { startOpenaiStub } from '../model/openai-stub.ts'

const OPENAI = 'https://api.openai.com/v1'

/** What an endpoint is sent, told of the answers as that of the address would be. */
async function sent(answersIn?: 'response_format') {
  const work = { summary: '', changed: false, sources: [], failing: [], openPoints: [] }
  const stub = await startOpenaiStub(() => ({ json: work }))
  onTestFinished(() => stub.close())
  const model = openaiModel({
    baseUrl: stub.url,
    apiKey: 'key',
    model: 'm',
    ...(answersIn && { answersIn }),
  })
  const signal = new AbortController().signal
  await collectReply(model.stream({ ...promptOf(coder), transcript: [] }, { signal }))
  const { messages, tools, response_format } = stub.requests[0]!.body
  return [messages[0]!.content, ...tools!, ...(response_format ? [response_format] : [])]
}

const partsFor = async (baseUrl: string) => (await promptCosts([coder], baseUrl))[0]!.parts

describe('the parts of a prompt', () => {
  it('are what the adapter sends, to OpenAI and to an endpoint that is told otherwise', async () => {
    const own = await partsFor('http://127.0.0.1:11434/v1')
    expect(own.map(({ content }) => content)).toEqual(await sent())
    const openai = await partsFor(OPENAI)
    expect(openai.map(({ content }) => content)).toEqual(await sent('response_format'))
    expect(openai).not.toEqual(own)
  })

  it('cost what their texts do, and the whole what they do together', async () => {
    const count = await tokenCounter()
    const [cost] = await promptCosts([coder])
    const { parts, tokens } = cost!
    expect(parts[0]).toMatchObject({ kind: 'system', tokens: count(promptOf(coder).instructions) })
    expect(tokens).toBe(parts.reduce((sum, part) => sum + part.tokens, 0))
  })
})

describe('the tokenizer', () => {
  it('counts as the encoding does', async () => {
    const count = await tokenCounter()
    expect([count(''), count('hello world')]).toEqual([0, 2])
  })

  it('takes a special token for the text that it is', async () => {
    expect((await tokenCounter())('<|endoftext|>')).toBeGreaterThan(1)
  })
})
