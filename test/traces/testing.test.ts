import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeTraceFile } from '../../traces/file.ts'
import { normaliseTree } from '../../traces/read/golden.ts'
import { traceOf } from '../../traces/testing.ts'
import { sampleRun } from './sample-run.ts'

describe('the trace of a run, for tests', () => {
  it('is read from its report, from a file, or taken as it is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skein-testing-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'trace.jsonl')
    await writeTraceFile(file, sampleRun())
    for (const source of [sampleRun(), file, { run: 'r1', trace: file }]) {
      const trace = await traceOf(source)
      expect(trace.flaws()).toEqual([])
      expect(trace.text()).toBe(normaliseTree(sampleRun()))
      expect(trace.story.conversations.map(({ role }) => role)).toContain('coder')
    }
  })

  it('says so of a run that was not traced', async () => {
    await expect(traceOf({ run: 'r1', trace: null })).rejects.toThrow(/"r1" was not traced/)
  })

  it('tells what keeps it from being whole', async () => {
    const trace = await traceOf(sampleRun().slice(1))
    expect(trace.flaws()).toContainEqual(expect.stringContaining('missing parents'))
  })
})
