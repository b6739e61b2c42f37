import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { launch, run } from '../../src/flock/run.ts'
import { readReport } from '../../src/flock/run-report.ts'
import type { Model } from '../../src/model/model.ts'
import { NO_LIMITS } from '../../src/run/quota.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { readTraceFile } from '../../traces/file.ts'
import { startNatsServer } from '../nats-server.ts'
import { ask, clerk, temporaryFolder } from './clerks.ts'

/** No server is named, and none can be had. */
const ALONE = { SKEIN_NATS_SERVER: '/nowhere/nats-server', SKEIN_SANDBOX: 'none' }

describe('run', () => {
  it('goes on in this process on the memory bus where no server can be had, and says so', async () => {
    const said: string[] = []
    const stateDir = await temporaryFolder()
    const report = await run(ask('what time is it?'), {
      stateDir,
      env: ALONE,
      say: (text) => said.push(text),
    })
    expect(report).toMatchObject({
      outcome: 'completed',
      bus: 'memory',
      model: 'offline',
      answer: { type: 'question.answer', body: { answer: 'what time is it?' } },
      peers: [{ peer: 'clerk-1', role: 'clerk', pid: process.pid }],
      patch: null,
      logs: null,
    })
    expect(said.join()).toMatch(/everything happens in this process: .*\/nowhere\/nats-server/s)
  })

  it('runs on the server that is named, and keeps its report and its trace', async () => {
    const server = await startNatsServer({ token: 'secret' })
    onTestFinished(() => server.stop())
    const stateDir = await temporaryFolder()
    const env = { NATS_TOKEN: 'secret' }
    const commits: ConversationRecord[] = []
    const report = await run(ask('hello?', 2), {
      stateDir,
      env,
      nats: server.url,
      onCommit: (record) => commits.push(record),
    })
    expect(report).toMatchObject({ outcome: 'completed', bus: 'nats' })
    expect(report.peers.map(({ peer }) => peer)).toEqual(['clerk-1', 'clerk-2'])
    expect(await readReport(stateDir, report.run)).toEqual(report)
    const { spans } = await readTraceFile(report.trace!)
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1)
    expect(commits.some(({ role }) => role === 'clerk')).toBe(true)
  })

  it('asks a model of one’s own, in this process', async () => {
    const model: Model = {
      ...{ provider: 'mine', name: 'goose' },
      async *stream() {
        const body = { answer: 'honk', findings: [], sources: [] }
        yield { kind: 'answer', type: 'question.answer', body }
        yield { kind: 'end', finish: 'stop', model: 'goose-1', usage: { inputTokens: 5, outputTokens: 2 } }
      },
    }
    const report = await run(ask('what?'), {
      ...{ stateDir: await temporaryFolder(), inMemory: true, model },
      peerArgs: () => ['is not started'],
    })
    expect(report).toMatchObject({
      ...{ outcome: 'completed', model: 'goose', answer: { body: { answer: 'honk' } } },
      peers: [{ pid: process.pid }],
      spent: { calls: 1, inputTokens: 5, outputTokens: 2 },
    })
    const limits = { ...NO_LIMITS, money: 1_000_000_000 }
    const priceless = run(ask('what?'), { stateDir: await temporaryFolder(), inMemory: true, model, limits })
    await expect(priceless).rejects.toMatchObject({ code: 'flock.no-price' })
  })

  it('is failed when the work is given up, with the reason', async () => {
    const report = await run(ask('why?'), { stateDir: await temporaryFolder(), env: ALONE })
    expect(report).toMatchObject({ outcome: 'failed', answer: null })
    expect(report.reason).toContain('nobody knows')
  })

  it('is exhausted at its deadline when nobody is there to answer', async () => {
    const options = { stateDir: await temporaryFolder(), env: ALONE, timeoutMs: 50 }
    expect(await run(ask('anybody?', 0), options)).toMatchObject({ outcome: 'exhausted', peers: [] })
  })

  it('is cancelled when it is told to stop', async () => {
    const stop = new AbortController()
    const report = await run(ask('anybody?', 0), {
      stateDir: await temporaryFolder(),
      env: ALONE,
      signal: stop.signal,
      onStart: () => stop.abort(),
    })
    expect(report).toMatchObject({ outcome: 'cancelled' })
  })

  describe('with a limit in money', () => {
    const limits = { ...NO_LIMITS, money: 1_000_000_000 }

    it.each([
      ['the model', ask('hello?'), 'nobodys-model'],
      [
        'a role',
        { ...ask('hello?'), roles: [{ role: { ...clerk, model: { name: 'its-own' } }, count: 1 }] },
        'its-own',
      ],
    ])('does not begin where the price of the model of %s is unknown', async (_, job, name) => {
      const said: string[] = []
      const beginning = run(job, {
        ...{ stateDir: await temporaryFolder(), limits, model: 'nobodys-model' },
        env: { ...ALONE, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
        say: (text) => said.push(text),
      })
      await expect(beginning).rejects.toMatchObject({ code: 'flock.no-price' })
      await expect(beginning).rejects.toThrow(
        `"${name}", which nobody knows: add it to "prices" in the config`,
      )
      expect(said).toEqual([])
    })

    it('runs where it is known, as offline', async () => {
      const options = { stateDir: await temporaryFolder(), env: ALONE, limits }
      expect(await run(ask('hello?'), options)).toMatchObject({ outcome: 'completed' })
    })
  })

  it('is not left to peers that live in this process', async () => {
    const options = { stateDir: await temporaryFolder(), env: ALONE, detach: AbortSignal.abort() }
    await expect(launch(ask('hello?'), options)).rejects.toMatchObject({ code: 'flock.no-peers' })
  })

  it('writes no trace where the sampler is off', async () => {
    const env = { ...ALONE, OTEL_TRACES_SAMPLER: 'always_off' }
    expect((await run(ask('hello?'), { stateDir: await temporaryFolder(), env })).trace).toBeNull()
  })

  it('writes one of the runs that a ratio samples, and begins none where the ratio makes no sense', async () => {
    const sampler = { ...ALONE, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' }
    const trace = async (part: string) => {
      const env = { ...sampler, OTEL_TRACES_SAMPLER_ARG: part }
      return (await run(ask('hello?'), { stateDir: await temporaryFolder(), env })).trace
    }
    expect(await trace('1')).not.toBeNull()
    expect(await trace('0')).toBeNull()
    await expect(trace('often')).rejects.toMatchObject({ code: 'flock.sampler' })
  })

  it('leaves a state folder that git ignores, and no scratch of a run that failed to begin', async () => {
    const stateDir = await temporaryFolder()
    const job = { ...ask('hello?'), prepare: () => Promise.reject(new Error('no paper')) }
    await expect(run(job, { stateDir, env: ALONE })).rejects.toThrow('no paper')
    expect(await readFile(join(stateDir, '.gitignore'), 'utf8')).toBe('*\n')
    expect(await readdir(stateDir)).not.toContain('runs')
  })
})
