import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Settings } from '../../cli/input/settings.ts'
import { readSpans } from '../../cli/input/spans.ts'
import { toOtlp } from '../../traces/otlp.ts'
import { traceIdOf } from '../../traces/propagation.ts'
import type { Span } from '../../traces/span.ts'
import { temporaryFolder } from '../flock/clerks.ts'
import { startJaegerStub } from '../traces/jaeger-stub.ts'
import { sampleRun } from '../traces/sample-run.ts'

const RUN = 'mend-login'
const spans = sampleRun()
const others = spans.map((span) => ({ ...span, traceId: traceIdOf('another') }))

const settings: Settings = { config: {}, stateDir: '/nowhere', nats: undefined, env: {} }

const ids = (found: readonly Span[]) => new Set(found.map(({ traceId, spanId }) => `${traceId} ${spanId}`))

async function fileOf(text: string): Promise<string> {
  const file = join(await temporaryFolder(), 'trace.json')
  await writeFile(file, text)
  return file
}

describe('the spans of a run from a file', () => {
  it('are all that it holds', async () => {
    const file = await fileOf(JSON.stringify({ result: toOtlp([...spans, ...others]) }))
    expect(ids(await readSpans({ file }, settings))).toEqual(ids([...spans, ...others]))
  })

  it.each([
    ['run', RUN],
    ['trace', traceIdOf(RUN)],
    ['trace in capitals', traceIdOf(RUN).toUpperCase()],
  ])('are those of the %s that is named', async (_, run) => {
    const file = await fileOf(JSON.stringify(toOtlp([...spans, ...others])))
    expect(ids(await readSpans({ file, run }, settings))).toEqual(ids(spans))
  })

  it.each([
    [
      'of a run that it does not hold, and it says what it has',
      traceIdOf('another'),
      JSON.stringify(toOtlp(others)),
    ],
    ['where it holds none', 'holds no spans', '{"resourceSpans":[]}'],
  ])('are not there %s', async (_, reason, text) => {
    await expect(readSpans({ file: await fileOf(text), run: RUN }, settings)).rejects.toMatchObject({
      code: 'cli.file',
      message: expect.stringContaining(reason),
    })
  })

  it('are not there without the file, and the error names it', async () => {
    await expect(readSpans({ file: '/nowhere/trace.json' }, settings)).rejects.toMatchObject({
      code: 'cli.file',
      message: expect.stringMatching(/"\/nowhere\/trace\.json" cannot be read: .*ENOENT/),
    })
  })
})

describe('the spans of a run from Jaeger', () => {
  async function jaeger(): Promise<string> {
    const stub = await startJaegerStub([...spans, ...others])
    onTestFinished(() => stub.close())
    return stub.url
  }

  it.each([RUN, traceIdOf(RUN)])('are asked for by the run or its trace: %s', async (run) => {
    expect(ids(await readSpans({ run, jaeger: await jaeger() }, settings))).toEqual(ids(spans))
  })

  it('are asked for where the variable says, when the flag names no address', async () => {
    const env = { SKEIN_JAEGER: await jaeger() }
    expect(ids(await readSpans({ run: RUN, jaeger: '' }, { ...settings, env }))).toEqual(ids(spans))
  })

  it('are not there of a run that it never heard of', async () => {
    await expect(readSpans({ run: 'r-0', jaeger: await jaeger() }, settings)).rejects.toMatchObject({
      code: 'jaeger.no-trace',
    })
  })
})
