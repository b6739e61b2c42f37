import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toOtlp } from '../../../traces/otlp.ts'
import { loadTraceFile, loadTraces } from '../../../traces/read/load.ts'
import { sampleRun } from '../sample-run.ts'

const spans = sampleRun()
const [first, second] = [spans.slice(0, 9), spans.slice(9)]
/** Those of one resource stand together in OTLP. */
const inOrder = toOtlp(spans)
  .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  .map(({ spanId }) => spanId)
const idsIn = (text: string) => loadTraces(text, 'here').spans.map(({ spanId }) => spanId)

const bare = (part = spans) => JSON.stringify(toOtlp(part))
const result = (part = spans) => JSON.stringify({ result: toOtlp(part) })

describe('traces that somebody else wrote', () => {
  it.each([
    ['one object', bare()],
    ['one object on many lines', JSON.stringify(toOtlp(spans), null, 2)],
    ['one object behind a byte order mark', `\ufeff${bare()}`],
    ["an answer of Jaeger's API", result()],
  ])('are read from %s', (_, text) => {
    expect(idsIn(text)).toEqual(inOrder)
  })

  it.each([
    ['one a line', `${bare(first)}\n${bare(second)}\n`],
    ['one a line, with lines of Windows and blank ones', `${bare(first)}\r\n\r\n${bare(second)}`],
    ['answers one a line', `${result(first)}\n${result(second)}`],
    ['one after the other', `${bare(first)}${result(second)}`],
    ['on many lines, one after the other', `${JSON.stringify(toOtlp(first), null, 2)}\n${bare(second)}`],
  ])('are read from several objects, %s', (_, text) => {
    expect(new Set(idsIn(text))).toEqual(new Set(inOrder))
  })

  it('end where an object ends, and not at a brace or a quote within a text', () => {
    const names = ['}', '{"', '\\', '\\"}', 'line\nbreak', '"]}{"resourceSpans":[]}']
    const written = names.map((name) => ({ ...spans[0]!, name }))
    const text = written.map((span) => bare([span])).join('')
    expect(loadTraces(text, 'here').spans).toEqual(written)
  })

  it('keep what is whole before a torn end, and say which line that is', () => {
    const text = `${bare(first)}\n${bare(second).slice(0, -40)}`
    const { spans: read, tornLine } = loadTraces(text, 'here')
    expect(new Set(read)).toEqual(new Set(first))
    expect(tornLine).toBe(2)
  })

  it('may stand beside other signals, as in the file of a collector', () => {
    const text = `{"resourceMetrics":[]}\n${bare()}\n{"resourceLogs":[]}`
    expect(idsIn(text)).toEqual(inOrder)
  })

  it.each([
    ['nothing but a torn object', bare().slice(0, -9), /^here:1: not JSON/],
    ['a line that is no JSON', `${bare()}\nhello\n${bare()}`, /^here:2: not JSON/],
    ['a line that is broken JSON', `${bare()}\n{"a":}\n${bare()}`, /^here:2: not JSON/],
    ['JSON that is no object', '[]', /^here:1: no spans\. Expected OTLP JSON/],
    ['another object', '{"name":"skein"}', /^here:1: no spans\. Expected OTLP JSON/],
    ["Jaeger's own format", '{"data":[{"traceID":"1","spans":[]}]}', /Jaeger's own JSON.*save it as OTLP/],
    ["an error of Jaeger's API", '{"error":{"httpCode":500,"message":"no disk"}}', /an error: no disk/],
    [
      'an answer with a wrong id',
      '{"result":{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}}',
      /traceId/,
    ],
  ])('are not %s', (_, text, reason) => {
    expect(() => loadTraces(text, 'here')).toThrow(
      expect.objectContaining({ code: 'invalid.trace-file', message: expect.stringMatching(reason) }),
    )
  })

  it('are read from a file, which errors name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skein-load-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'trace.json')
    await writeFile(path, result())
    expect((await loadTraceFile(path)).spans).toHaveLength(spans.length)
    await writeFile(path, 'no')
    await expect(loadTraceFile(path)).rejects.toThrow(`${path}:1: not JSON`)
  })
})
