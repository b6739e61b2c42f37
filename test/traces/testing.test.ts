import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeTraceFile } from '../../traces/file.ts'
import { toOtlp } from '../../traces/otlp.ts'
import { normaliseTree } from '../../traces/read/golden.ts'
import { traceOf } from '../../traces/testing.ts'
import { sampleRun } from './sample-run.ts'

async function traceFile(text = ''): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-testing-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'trace.jsonl')
  await writeFile(file, text)
  return file
}

describe('the trace of a run, for tests', () => {
  it('is read from its report, from a file, or taken as it is', async () => {
    const file = await traceFile()
    await writeTraceFile(file, sampleRun())
    for (const source of [sampleRun(), file, { run: 'r1', trace: file }]) {
      const trace = await traceOf(source)
      expect(trace.flaws()).toEqual([])
      expect(trace.text()).toBe(normaliseTree(sampleRun()))
      expect(trace.story.conversations.map(({ role }) => role)).toContain('coder')
    }
  })

  it.each([
    ['a file that somebody made readable', JSON.stringify(toOtlp(sampleRun()), null, 2)],
    ["an answer of Jaeger's API", JSON.stringify({ result: toOtlp(sampleRun()) })],
  ])('is read from %s', async (_, text) => {
    expect((await traceOf(await traceFile(text))).text()).toBe(normaliseTree(sampleRun()))
  })

  it('is not one without spans, on which every assertion would hold', async () => {
    const empty = await traceFile('{"result":{"resourceSpans":[]}}')
    for (const source of [empty, { run: 'r1', trace: empty }]) {
      await expect(traceOf(source)).rejects.toMatchObject({
        code: 'invalid.no-spans',
        message: expect.stringMatching(/trace\.jsonl holds no spans.*Wait for the run to end/),
      })
    }
    await expect(traceOf([])).rejects.toThrow('the list holds no spans')
  })

  it('says so of a run that was not traced', async () => {
    await expect(traceOf({ run: 'r1', trace: null })).rejects.toThrow(/"r1" was not traced/)
  })

  it('tells what keeps it from being whole', async () => {
    const trace = await traceOf(sampleRun().slice(1))
    expect(trace.flaws()).toContainEqual(expect.stringContaining('missing parents'))
  })
})
