import { describe, expect, it, onTestFinished } from 'vitest'
import { collectReply, ModelError } from '../../src/model/model.ts'
import { openaiModel } from '../../src/model/openai/model.ts'
import { probeOpenai } from '../../src/model/openai/probe.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { modelContract, readUntilError, TROUBLES, type Trouble } from '../contracts/model.ts'
import { answer, never, request, startModel, textOf } from './openai-case.ts'
import { type StubAnswer, startOpenaiStub } from './openai-stub.ts'

modelContract('openai', async () => {
  const clock = virtualClock()
  const silent = () => {
    clock.step()
    return never()
  }
  const cut = { arguments: '{"query":"gee', name: 'search' }
  const troubles: Readonly<Record<Trouble, () => StubAnswer | Promise<StubAnswer>>> = {
    'never begins to reply': silent,
    'falls silent in the middle': () => ({
      text: 'geese take turns',
      // Time is up once the adapter has read what came, and listens again.
      before: async (event) => {
        if (event < 3) return
        while (clock.due() === undefined) await new Promise(setImmediate)
        await silent()
      },
    }),
    'cuts the connection in the middle': () => ({
      text: 'geese take turns',
      breaks: { after: 2, how: 'cut' },
    }),
    'ends in the middle': () => ({ text: 'geese take turns', breaks: { after: 2, how: 'end' } }),
    'sends no reply': () => ({ events: [] }),
    'sends what is not JSON': () => ({ text: 'geese take turns', breaks: { after: 2, how: 'malformed' } }),
    'breaks off with an error': () => ({ events: [{ error: { message: 'out of geese' } }] }),
    'turns the call away': () => ({ status: 429 }),
    fails: () => ({ status: 500 }),
    'cuts the arguments of a call short': () => ({ calls: [cut] }),
    'reaches a limit in the arguments of a call': () => ({ calls: [cut], finish: 'length' }),
  }
  const stub = await startOpenaiStub(({ messages, tools }) => {
    const [told] = messages[0]!.content!.split('\n')
    if (told === 'Fail.') return { status: 422 }
    const trouble = TROUBLES.find((name) => name === told)
    if (trouble !== undefined) return troubles[trouble]()
    return tools ? { calls: [{ name: 'search', arguments: { query: 'geese' } }] } : { json: answer }
  })
  return {
    model: openaiModel({ baseUrl: stub.url, apiKey: 'key', model: 'goose-1', clock, maxRetries: 0 }),
    answering: { ...request, tools: [] },
    calling: request,
    failing: { ...request, instructions: 'Fail.' },
    troubled: (trouble) => ({ ...request, instructions: trouble }),
    close: () => stub.close(),
  }
})

describe('a broken stream', () => {
  it.each([
    ['cut', 'model.cut'],
    ['end', 'model.cut'],
    ['malformed', 'model.malformed'],
  ] as const)('that is %s fails after what had come, and is not asked for again', async (how, code) => {
    const { stub, read } = await startModel(() => ({ text: 'geese take turns', breaks: { after: 2, how } }))
    const { chunks, error } = await read()
    expect(textOf(chunks)).toBe('geese ta')
    expect(error).toMatchObject({ code, retryable: true })
    expect(stub.requests).toHaveLength(1)
  })

  it('that is no event stream at all asks whether the address is right', async () => {
    const { read } = await startModel(() => ({ status: 200, body: '<html>welcome</html>' }))
    const { error } = await read()
    expect(error).toMatchObject({
      ...{ code: 'model.not-found', retryable: false },
      message: expect.stringMatching(/OPENAI_BASE_URL.*welcome/),
    })
  })

  it('that falls silent times out, and the connection is closed', async () => {
    const clock = virtualClock()
    const before = (event: number) => (event < 2 ? Promise.resolve() : never())
    const script = () => ({ text: 'geese take turns', before })
    const { stub, stream } = await startModel(script, { clock, timeoutMs: 1_000 })
    const chunks = stream()[Symbol.asyncIterator]()
    expect((await chunks.next()).value).toEqual({ kind: 'text', text: 'geese ta' })
    const next = chunks.next()
    clock.step()
    await expect(next).rejects.toMatchObject({ code: 'model.timeout', retryable: true })
    expect(await stub.requests[0]?.ended).toBe('left')
  })

  it('does not count the time its reader takes as silence', async () => {
    const clock = virtualClock()
    const { stream } = await startModel(() => ({ json: answer }), { clock, timeoutMs: 1_000 })
    const reply = await collectReply(stream(), () => expect(clock.step()).toBe(false))
    expect(reply.answer).toBeDefined()
  })
})

describe('an abort', () => {
  it('in the middle of a reply closes the connection', async () => {
    const before = (event: number) => (event < 2 ? Promise.resolve() : never())
    const { stub, stream } = await startModel(() => ({ text: 'geese take turns', before }))
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const { error } = await readUntilError(stream(request, controller.signal), () => controller.abort(reason))
    expect(error).toBe(reason)
    expect(await stub.requests[0]?.ended).toBe('left')
  })

  it('before the reply has begun is noticed', async () => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const { stub, read } = await startModel(() => {
      controller.abort(reason)
      return never()
    })
    expect((await read(request, controller.signal)).error).toBe(reason)
    expect(await stub.requests[0]?.ended).toBe('left')
  })

  it('ends the wait for another attempt', async () => {
    const controller = new AbortController()
    let tell = () => {}
    const asked = new Promise<void>((resolve) => {
      tell = resolve
    })
    const { stub, stream } = await startModel(() => {
      tell()
      return { status: 429, headers: { 'retry-after-ms': '60000' } }
    })
    const read = readUntilError(stream(request, controller.signal))
    await asked
    await stub.requests[0]?.ended
    // Once another request has been answered, the client has read the first answer and waits.
    await probeOpenai({ baseUrl: stub.url, apiKey: 'key' })
    controller.abort('cancelled')
    expect((await read).error).toBe('cancelled')
    expect(stub.requests).toHaveLength(1)
  })

  it('by a reader who leaves closes the connection', async () => {
    const before = (event: number) => (event < 2 ? Promise.resolve() : never())
    const { stub, stream } = await startModel(() => ({ text: 'geese take turns', before }))
    for await (const _ of stream()) break
    expect(await stub.requests[0]?.ended).toBe('left')
  })
})

describe('an endpoint that fails', () => {
  const soon = { 'retry-after-ms': '1' }

  it.each([429, 500, 503])('with %i is asked again, as often and as late as it was told', async (status) => {
    const { stub, collect } = await startModel((_, call) =>
      call < 3 ? { status, headers: soon } : { json: answer },
    )
    expect((await collect()).answer?.body).toEqual(answer)
    expect(stub.requests).toHaveLength(3)
  })

  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{}, undefined],
  ])('with 429 and %j says how long to wait', async (headers, retryAfterMs) => {
    const { read } = await startModel(() => ({ status: 429, headers }), { maxRetries: 0 })
    expect((await read()).error).toMatchObject({ code: 'model.rate-limited', retryAfterMs })
  })

  it('tells its limits beside a reply', async () => {
    const headers = { 'x-ratelimit-limit-requests': '500', 'x-ratelimit-limit-tokens': '30000' }
    const { model } = await startModel(() => ({ json: answer, headers }))
    const told: unknown[] = []
    const signal = new AbortController().signal
    await collectReply(model.stream(request, { signal, onRateTold: (limits) => told.push(limits) }))
    expect(told).toEqual([{ requestsPerMinute: 500, tokensPerMinute: 30_000 }])
  })

  it('that turns calls away is left to its caller, where he wants that', async () => {
    const { stub, read } = await startModel(
      (_, call) => (call === 1 ? { status: 429, headers: soon } : { json: answer }),
      { leavesRateLimits: true },
    )
    expect((await read()).error).toMatchObject({ code: 'model.rate-limited', retryAfterMs: 1 })
    expect(stub.requests).toHaveLength(1)
  })

  it.each([
    [{ status: 401, message: 'no such key' }, 'unauthorized', false, /set OPENAI_API_KEY.*no such key/],
    [{ status: 403 }, 'unauthorized', false, /"goose-1".*OPENAI_API_KEY/],
    [{ status: 404 }, 'not-found', false, /http:\/\/127\.0\.0\.1:\d+\/v1 has no model "goose-1"/],
    [{ status: 422, message: 'too long' }, 'bad-request', false, /422.*too long/],
    [{ status: 429 }, 'rate-limited', true, /less often/],
    [{ status: 429, code: 'insufficient_quota' }, 'rate-limited', false, /quota/],
    [{ status: 500, message: 'out of geese' }, 'unavailable', true, /500.*out of geese/],
    [{ status: 502, body: '<html>bad gateway</html>' }, 'unavailable', true, /bad gateway/],
  ])('with %j says what to do: %s', async (failure, code, retryable, says) => {
    const { read } = await startModel(() => failure, { maxRetries: 0 })
    const { error } = await read()
    expect(error).toBeInstanceOf(ModelError)
    expect(error).toMatchObject({ code: `model.${code}`, retryable })
    expect((error as ModelError).message).toMatch(says)
  })

  it('by not being there is named', async () => {
    const { stub, read } = await startModel(() => never(), { maxRetries: 0 })
    await stub.close()
    const { error } = await read()
    expect(error).toMatchObject({ code: 'model.unreachable', retryable: true })
    expect((error as ModelError).message).toContain(`${stub.url} (ECONNREFUSED)`)
  })

  it('by never answering times out, and is not asked again', async () => {
    const clock = virtualClock()
    const { stub, read } = await startModel(
      () => {
        clock.step()
        return never()
      },
      { clock },
    )
    expect((await read()).error).toMatchObject({ code: 'model.timeout', retryable: true })
    expect(stub.requests).toHaveLength(1)
  })

  it.each([
    [{ baseUrl: 'localhost:11434' }, 'model.bad-url'],
    [{ apiKey: '' }, 'model.unauthorized'],
  ])('because of %j is not even made', (wrong, code) => {
    const make = () => openaiModel({ apiKey: 'key', model: 'goose-1', ...wrong })
    expect(make).toThrow(expect.objectContaining({ code }))
  })
})

describe('the probe', () => {
  async function probe(options: Parameters<typeof startOpenaiStub>[1], path = '') {
    const stub = await startOpenaiStub(() => never(), options)
    onTestFinished(() => stub.close())
    return probeOpenai({ baseUrl: stub.url + path, apiKey: 'key' })
  }

  it('lists the models', async () => {
    const models = ['goose-1', 'goose-2']
    expect(await probe({ models, apiKey: 'key' })).toMatchObject({ ok: true, models })
  })

  it.each([
    [{ apiKey: 'other' }, '', 'model.unauthorized', 'set OPENAI_API_KEY'],
    [{}, '/v2', 'model.not-found', 'nothing under this address'],
  ])('of an endpoint with %j at "%s" says %s', async (options, path, code, says) => {
    const message = expect.stringContaining(says)
    expect(await probe(options, path)).toMatchObject({ ok: false, problem: { code, message } })
  })

  it('says that nothing is there, or that the address is none', async () => {
    const stub = await startOpenaiStub(() => never())
    await stub.close()
    const gone = await probeOpenai({ baseUrl: stub.url, apiKey: 'key' })
    expect(gone).toMatchObject({ ok: false, problem: { code: 'model.unreachable' } })
    const bad = await probeOpenai({ baseUrl: 'geese', apiKey: 'key' })
    expect(bad).toMatchObject({ ok: false, problem: { code: 'model.bad-url' } })
  })
})
