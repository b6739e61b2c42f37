import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type JaegerOptions, spansFromJaeger } from '../../traces/jaeger.ts'
import { toOtlp } from '../../traces/otlp.ts'
import { startJaegerStub } from './jaeger-stub.ts'
import { sampleRun } from './sample-run.ts'

const spans = sampleRun()
const { traceId } = spans[0]!
const alien = { ...spans[0]!, traceId: 'b'.repeat(32) }

/** No system gives this port away, and `fetch` refuses to ask at port 1. */
const NOBODY = 'http://127.0.0.1:2'

/** Never says that time is up. */
const patience: JaegerOptions['timers'] = { setTimer: () => ({ cancel: () => {} }) }

async function jaeger(...given: Parameters<typeof startJaegerStub>): Promise<string> {
  const stub = await startJaegerStub(...given)
  onTestFinished(() => stub.close())
  return stub.url
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const read = (url: string, options: Partial<JaegerOptions> = {}) =>
  spansFromJaeger({ url, traceId, timers: patience, ...options })

describe("a trace from Jaeger's API", () => {
  it('is the one that was asked for, and whole', async () => {
    const other = { ...spans[0]!, traceId: 'a'.repeat(32) }
    const url = await jaeger([...spans, other])
    expect(new Set(await read(url))).toEqual(new Set(spans))
    expect(await read(`${url}/`, { traceId: other.traceId })).toEqual([other])
  })

  it('is asked for under the path and with the query of the page', async () => {
    const asked: (string | undefined)[] = []
    const url = await listening(
      createServer((request, response) => {
        asked.push(request.url)
        response.end(JSON.stringify({ result: toOtlp(spans) }))
      }),
    )
    await read(`${url}/jaeger/?tenant=a#top`)
    await read(`${url}?tenant=b`)
    expect(asked).toEqual([`/jaeger/api/v3/traces/${traceId}?tenant=a`, `/api/v3/traces/${traceId}?tenant=b`])
  })

  it('is taken from between those of others', async () => {
    const other = { ...spans[0]!, traceId: 'a'.repeat(32) }
    const url = await jaeger([], { status: 200, text: JSON.stringify({ result: toOtlp([other, ...spans]) }) })
    expect(new Set(await read(url))).toEqual(new Set(spans))
    expect(await read(url, { traceId: other.traceId.toUpperCase() })).toEqual([other])
  })

  it('may come in pieces', async () => {
    const text = spans.map((span) => JSON.stringify({ result: toOtlp([span]) })).join('\n')
    expect(await read(await jaeger([], { status: 200, text }))).toEqual(spans)
  })

  it.each([
    ['says that it has none', undefined],
    ['answers with an empty one', { status: 200, text: '{"result":{"resourceSpans":[]}}' }],
  ])('is not there where Jaeger %s', async (_, answer) => {
    await expect(read(await jaeger([], answer))).rejects.toMatchObject({
      code: 'jaeger.no-trace',
      message: expect.stringContaining(traceId),
    })
  })

  it.each([
    ['a page', { status: 200, text: '<!doctype html>' }, /not JSON.*<!doctype html>/],
    ['404 without a word of Jaeger', { status: 404, text: '404 page not found' }, /status 404.*not found/],
    ['404 and an error of its own', { status: 404, text: '{"error": "Not Found"}' }, /status 404.*Not Found/],
    ['404 and another code', { status: 404, text: '{"error":{"code":"x","message":"no"}}' }, /status 404/],
    [
      'another trace',
      { status: 200, text: JSON.stringify(toOtlp([alien])) },
      /asked for .* sent trace b{32}/,
    ],
    ['an error', { status: 500, text: '{"error":{"message":"no disk"}}' }, /status 500.*no disk/],
    ['half a trace', { status: 200, text: `{"result":${JSON.stringify(toOtlp(spans))}` }, /not JSON/],
    [
      'one and a half',
      { status: 200, text: `${JSON.stringify(toOtlp(spans))}{"resourceSpans":[` },
      /ends in the middle/,
    ],
  ])('is not what answers with %s', async (_, answer, reason) => {
    await expect(read(await jaeger([], answer))).rejects.toMatchObject({
      code: 'jaeger.answer',
      message: expect.stringMatching(reason),
    })
  })

  it.each([200, 500])('is not read without end, with status %i', async (status) => {
    let left = false
    const server = createServer((_, response) => {
      response.writeHead(status)
      response.on('close', () => {
        left = true
      })
      const more = () => void (response.destroyed || response.write('{"no": "end"} '.repeat(1_000), more))
      more()
    })
    await expect(read(await listening(server), { limitBytes: 100_000 })).rejects.toMatchObject(
      status === 200
        ? { code: 'jaeger.too-large', message: expect.stringMatching(/more than 100000 bytes/) }
        : { code: 'jaeger.answer' },
    )
    await expect.poll(() => left).toBe(true)
  })

  it.each([
    [
      'redirects for ever',
      () => createServer((_, response) => response.writeHead(302, { location: '/again' }).end()),
      /redirect/,
    ],
    [
      'breaks its answer off',
      () =>
        createServer((_, response) => {
          response.writeHead(200, { 'content-length': '1000' })
          response.write('{"result":', () => response.destroy())
        }),
      /ends in the middle/,
    ],
    ['speaks no HTTP', () => createSocketServer((socket) => socket.end('INFO {}\r\n')), /HTTP/],
  ])('is not what answers and %s, which is not to be started', async (_, server, reason) => {
    await expect(read(await listening(server()))).rejects.toMatchObject({
      code: 'jaeger.answer',
      message: expect.stringMatching(reason),
    })
  })

  it.each(['http://user:secret@127.0.0.1:2', 'ftp://user:secret@127.0.0.1', 'user:secret@here'])(
    'is not asked for at %s, and the error keeps the secret',
    async (url) => {
      const error: Error = await read(url).then(
        () => expect.unreachable(),
        (error) => error,
      )
      expect(error).toMatchObject({ code: 'invalid.jaeger-url' })
      expect(error.message).not.toContain('secret')
    },
  )

  it('is not had where nobody listens, and the error says how to start one', async () => {
    await expect(read(NOBODY)).rejects.toMatchObject({
      code: 'jaeger.away',
      message: expect.stringMatching(/ECONNREFUSED.*docker compose up/),
    })
  })

  it('is not waited for longer than a deadline', async () => {
    const url = await jaeger([], null)
    const timers: JaegerOptions['timers'] = {
      setTimer(_, fire) {
        fire()
        return { cancel: () => {} }
      },
    }
    await expect(read(url, { timers })).rejects.toMatchObject({
      code: 'jaeger.away',
      message: expect.stringContaining('no answer within 30 s'),
    })
  })

  it('is not waited for once its reader is told to stop, and the reason is his', async () => {
    const stop = new AbortController()
    const reading = read(await jaeger([], null), { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })
})
