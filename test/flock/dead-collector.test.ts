/** A collector that is away or says nothing: a run goes on as without one, and says so once. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { run } from '../../src/flock/run.ts'
import { readTraceFile } from '../../traces/file.ts'
import { openProject } from '../e2e/project.ts'
import { NOBODY, startCollector } from '../traces/collector.ts'
import { ask, temporaryFolder } from './clerks.ts'

/** No server is named, and none can be had: all happens in this process. */
const ALONE = { SKEIN_NATS_SERVER: '/nowhere/nats-server', SKEIN_SANDBOX: 'none' }

const COLLECTORS = {
  'refuses connections': async () => NOBODY,
  'takes spans and never answers': async () => {
    const collector = await startCollector({ answers: false })
    onTestFinished(() => collector.close())
    return collector.url
  },
}

const complaints = (texts: readonly string[]) =>
  texts.filter((text) => text.includes('do not reach the OpenTelemetry collector'))

it.each(Object.entries(COLLECTORS))('a collector that %s costs a run one warning', async (_, start) => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', await start())
  onTestFinished(() => void vi.unstubAllEnvs())
  const said: string[] = []
  const report = await run(ask('what time is it?'), {
    stateDir: await temporaryFolder(),
    env: { ...process.env, ...ALONE },
    say: (text) => said.push(text),
  })
  expect(report.outcome).toBe('completed')
  expect((await readTraceFile(report.trace!)).spans.length).toBeGreaterThan(0)
  expect(complaints(said)).toHaveLength(1)
})

it('a collector that never answers costs each process of a run one warning at most, and the run is completed', async () => {
  const project = await openProject()
  onTestFinished(() => project.close())
  const workspace = await project.copyOf('tiny')
  const flags = ['--workspace', workspace, '--peers', 'researcher=1,coder=1']
  const { code, stdout, stderr } = await project.skein(['run', 'Make the failing tests pass', ...flags], {
    OTEL_EXPORTER_OTLP_ENDPOINT: await COLLECTORS['takes spans and never answers'](),
  }).ended
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('completed') })
  expect(complaints(stderr.split('\n'))).toHaveLength(1)
  const logs = join(project.stateDir, 'logs')
  const files = (await readdir(logs, { recursive: true })).filter((name) => name.endsWith('.log'))
  expect(files).toHaveLength(4)
  for (const file of files) {
    const lines = (await readFile(join(logs, file), 'utf8')).split('\n')
    expect(complaints(lines).length, file).toBeLessThanOrEqual(1)
  }
}, 120_000)
