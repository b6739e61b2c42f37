import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appendTraceFile, readTraceFile, writeTraceFile } from '../../traces/file.ts'
import { toOtlp } from '../../traces/otlp.ts'
import { sampleRun } from './sample-run.ts'

const spans = sampleRun()
const [first, second, third] = spans.map((span) => [span])

describe('a trace file', () => {
  let directory: string
  let path: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skein-traces-'))
    path = join(directory, 'run.jsonl')
  })
  afterEach(() => rm(directory, { recursive: true }))

  it('reads back what was written', async () => {
    await writeTraceFile(path, spans)
    const { spans: read } = await readTraceFile(path)
    expect(new Set(read)).toEqual(new Set(spans))
    expect(read).toHaveLength(spans.length)
  })

  it('holds one TracesData a line', async () => {
    await writeTraceFile(path, first!)
    await appendTraceFile(path, second!)
    const lines = (await readFile(path, 'utf8')).split('\n')
    expect(lines).toEqual([JSON.stringify(toOtlp(first!)), JSON.stringify(toOtlp(second!)), ''])
  })

  it('is replaced as a whole, and leaves no draft behind', async () => {
    await writeTraceFile(path, first!)
    await writeTraceFile(path, second!)
    expect((await readTraceFile(path)).spans).toEqual(second)
    expect(await readdir(directory)).toEqual(['run.jsonl'])
  })

  it('is left alone when the new one cannot be written', async () => {
    await writeTraceFile(path, first!)
    const unwritable = [{ ...second![0]!, startMs: Number.NaN }]
    await expect(writeTraceFile(path, unwritable)).rejects.toThrow(RangeError)
    expect((await readTraceFile(path)).spans).toEqual(first)
    expect(await readdir(directory)).toEqual(['run.jsonl'])
  })

  it('begins with the first append', async () => {
    await appendTraceFile(path, first!)
    expect(await readTraceFile(path)).toEqual({ spans: first })
  })

  it('skips a torn last line and says which it was', async () => {
    await writeTraceFile(path, first!)
    await appendFile(path, JSON.stringify(toOtlp(second!)).slice(0, 200))
    expect(await readTraceFile(path)).toEqual({ spans: first, tornLine: 2 })
  })

  it('is appended to in place of a torn last line, wherever that was cut', async () => {
    await writeTraceFile(path, first!)
    const torn = Buffer.from('{"resourceSpans": "é')
    await appendFile(path, torn.subarray(0, -1))
    await appendTraceFile(path, second!)
    await appendTraceFile(path, third!)
    expect(await readTraceFile(path)).toEqual({ spans: [...first!, ...second!, ...third!] })
  })

  it('keeps a last line that lacks nothing but its newline', async () => {
    await writeFile(path, JSON.stringify(toOtlp(first!)))
    expect(await readTraceFile(path)).toEqual({ spans: first })
    await appendTraceFile(path, second!)
    expect(await readTraceFile(path)).toEqual({ spans: [...first!, ...second!] })
  })

  it('passes over empty lines', async () => {
    await writeFile(path, `\n${JSON.stringify(toOtlp(first!))}\r\n\n`)
    expect(await readTraceFile(path)).toEqual({ spans: first })
  })

  it.each([
    ['no JSON', '{"resourceSpans": [', 'not JSON'],
    ['no OTLP', '{"resourceSpans": 1}', 'resourceSpans'],
  ])('is refused with the number of the line that is %s', async (_what, line, reason) => {
    await writeTraceFile(path, first!)
    await appendFile(path, `${line}\n`)
    await appendTraceFile(path, second!)
    await expect(readTraceFile(path)).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid.trace-file',
        message: expect.stringMatching(new RegExp(`run\\.jsonl:2: .*${reason}`)),
      }),
    )
  })
})
