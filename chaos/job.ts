/** One `skein run` in a process of its own; where that is killed as well, `skein wait` sees the run to its end. */
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { ConversationId, RunId } from '../protocols/ids.ts'
import type { Bus } from '../src/bus/bus.ts'
import { type RunReport, runReportSchema } from '../src/flock/run-report.ts'
import { decodeRun } from '../src/run/run-record.ts'
import type { Clock } from '../src/time/clock.ts'
import { type ConversationRecord, decodeRecord, type Effect, runPrefix } from '../src/turn/record.ts'
import { TRUSTED_ATTEMPTS } from '../src/turn/running.ts'
import { TRIALS_LIMIT } from '../src/turn/trials.ts'
import type { Child, Children } from './children.ts'
import { ChaosError } from './errors.ts'

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url))
const GOAL = 'Make the failing tests pass'
/** Well within the limit of the whole. */
const TIMEOUT = '4m'

export type JobOptions = {
  readonly name: string
  readonly workspace: string
  readonly stateDir: string
  readonly model: string
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Kills the process that the run was started in, so many milliseconds after it began; nobody does unless given. */
  readonly starterDiesAfterMs?: number | undefined
  readonly clock: Clock
  readonly say: (text: string) => void
}

export type JobEnd = {
  /** Or the signal that it died of. */
  readonly exitCode: number | string
  /** What it printed: a report, or why there is none. */
  readonly report: RunReport | undefined
  readonly error: string | undefined
}

/** Who does something now, as the records say: processes, by their numbers. */
export type Work = {
  /** With an effect in flight. */
  working(): readonly number[]
  /** With a call of the model in flight. */
  calling(): readonly number[]
  /** With an effect that so many died in the middle of that one more would have it given up. */
  onLastTry(): readonly number[]
}

/** The attempt that is the last one: those that need no explanation, and those alone. */
const LAST_ATTEMPT = TRUSTED_ATTEMPTS + TRIALS_LIMIT

export interface Job {
  readonly run: RunId
  readonly work: Work
  /** Aborted when it has ended. */
  readonly over: AbortSignal
  readonly ended: Promise<JobEnd>
}

/** Resolves when the run has begun. @throws ChaosError `chaos.ended` */
export async function startJob(bus: Bus, children: Children, options: JobOptions): Promise<Job> {
  const { name, workspace, stateDir, model, env, cwd, clock, say, starterDiesAfterMs } = options
  const known = new Set((await bus.records.latest('run')).map(({ key }) => key))
  const begun = await bus.records.watch('run')
  const flags = ['--workspace', workspace, '--state-dir', stateDir, '--model', model, '--timeout', TIMEOUT]
  const child = children.start({
    ...{ name, program: process.execPath, env, cwd },
    args: [MAIN, 'run', GOAL, ...flags, '--json'],
  })
  const over = new AbortController()
  void child.ended.then(() => begun.close())
  /** The report of a run that goes on without the process that it was started in. */
  async function seenToItsEnd(run: RunId): Promise<JobEnd> {
    const doom =
      starterDiesAfterMs === undefined
        ? undefined
        : clock.setTimer(starterDiesAfterMs, () => {
            say('kills the process that the run was started in')
            child.signal('SIGKILL')
          })
    const end = await child.ended
    doom?.cancel()
    const args = [MAIN, 'wait', run, '--state-dir', stateDir, '--json', '--timeout', TIMEOUT]
    const last =
      end === 'SIGKILL'
        ? children.start({ name: `${name}-wait`, program: process.execPath, env, cwd, args })
        : child
    return endOf(last).finally(() => over.abort())
  }
  for await (const { key, value } of begun) {
    if (known.has(key)) continue
    begun.close()
    const { run } = decodeRun(value)
    return { run, work: await followWork(bus, run, over.signal), over: over.signal, ended: seenToItsEnd(run) }
  }
  throw new ChaosError('ended', `"${name}" ended before its run began: ${child.said.at(-1)}`)
}

async function endOf(child: Child): Promise<JobEnd> {
  const exitCode = await child.ended
  const printed: unknown = child.printed() === '' ? {} : JSON.parse(child.printed())
  const report = runReportSchema.safeParse(printed).data
  const error = failureSchema.safeParse(printed).data?.error.message
  return { exitCode, report, error: report === undefined ? (error ?? child.said.at(-1)) : undefined }
}

const failureSchema = z.object({ error: z.object({ message: z.string() }) })

async function followWork(bus: Bus, run: RunId, over: AbortSignal): Promise<Work> {
  const commits = await bus.records.watch(runPrefix(run))
  over.addEventListener('abort', () => commits.close(), { once: true })
  if (over.aborted) commits.close()
  const last = new Map<ConversationId, ConversationRecord>()
  async function follow(): Promise<void> {
    for await (const { value } of commits) {
      const record = decodeRecord(value)
      last.set(record.conversation, record)
    }
  }
  follow().catch(() => {}) // then nobody is aimed at
  const pids = (isIt: (effect: Effect) => boolean) =>
    [...last.values()].filter(({ effects }) => effects.some(isIt)).map(({ by }) => by.pid)
  return {
    working: () => pids(() => true),
    calling: () => pids(({ src }) => src === 'chat'),
    onLastTry: () => pids(({ attempt }) => attempt >= LAST_ATTEMPT),
  }
}
