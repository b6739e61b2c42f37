import { describe, expect, it, onTestFinished } from 'vitest'
import { type JaegerOptions, spansFromJaeger } from '../../traces/jaeger.ts'
import { toOtlp } from '../../traces/otlp.ts'
import { startJaegerStub } from './jaeger-stub.ts'
import { sampleRun } from './sample-run.ts'

const spans = sampleRun()
const { traceId } = spans[0]!

/** Never says that time is up. */
const patience: JaegerOptions['timers'] = { setTimer: () => ({ cancel: () => {} }) }

async function jaeger(...given: Parameters<typeof startJaegerStub>): Promise<string> {
  const stub = await startJaegerStub(...given)
  onTestFinished(() => stub.close())
  return stub.url
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

  it('is not had where nobody listens, and the error says how to start one', async () => {
    const stub = await startJaegerStub([])
    await stub.close()
    await expect(read(stub.url)).rejects.toMatchObject({
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
