import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import { fileOnce } from '../../src/flock/file-once.ts'
import { type RunReport, reportFile, runReportSchema } from '../../src/flock/run-report.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { temporaryFolder } from './clerks.ts'

const RUN = runId('r-1')

const report = (reason: string): RunReport =>
  runReportSchema.parse({
    ...{ run: RUN, goal: 'Mend it', outcome: 'cancelled', reason, patch: null, report: null },
    ...{ trace: null, change: null, workspace: null, answer: null, model: 'offline', bus: 'memory' },
    spent: { calls: 0, inputTokens: 0, outputTokens: 0, tools: 0 },
    ...{ peers: [], messages: 0, durationMs: 1_000, startedAt: 0, logs: null },
  })

describe('filing a run', () => {
  it('is done once, by whoever comes first; the others take what is filed', async () => {
    const stateDir = await temporaryFolder()
    const filing: string[] = []
    const file = (who: string) =>
      fileOnce({ stateDir, run: RUN, clock: systemClock(), random: systemRandom() }, async () => {
        filing.push(who)
        const path = reportFile(stateDir, RUN)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, JSON.stringify(report(who)))
        return report(who)
      })
    const reports = await Promise.all([file('starter'), file('waiting'), file('cancelling')])
    expect(filing).toHaveLength(1)
    expect(reports).toEqual(Array.from({ length: 3 }, () => report(filing[0]!)))
  })

  it('is done by the next one where it failed', async () => {
    const options = {
      ...{ stateDir: await temporaryFolder(), run: RUN },
      ...{ clock: systemClock(), random: systemRandom() },
    }
    await expect(fileOnce(options, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full')
    expect(await fileOnce(options, async () => report('next'))).toEqual(report('next'))
  })

  it('makes a state folder that git ignores, where there was none', async () => {
    const stateDir = join(await temporaryFolder(), 'new')
    const options = { stateDir, run: RUN, clock: systemClock(), random: systemRandom() }
    await fileOnce(options, async () => report('here'))
    expect(await readFile(join(stateDir, '.gitignore'), 'utf8')).toBe('*\n')
  })
})
