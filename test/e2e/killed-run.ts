/**
 * A run by the command line, its peers in processes of their own, one process of which is killed in the middle of the
 * work: while a coder waits for its model. Either the coder's own, and another coder's process adopts it and asks
 * again; or the one that the run was started in, and a peer's process adopts the run's origin.
 *
 * It knows no test framework.
 */
import type { RunReport } from '../../src/flock/run-report.ts'
import { startHeldModel } from './held-model.ts'
import { type Project, reportOf } from './project.ts'
import type { SkeinProcess } from './skein-process.ts'

export type KilledRun = {
  readonly report: RunReport
  /** What it printed as its link, where it lived to do so. */
  readonly link: string | undefined
  /** The process that was killed. */
  readonly pid: number
  /** Of the peers that were there then. */
  readonly peers: readonly number[]
}

export type KilledRunOptions = {
  readonly dies: 'coder' | 'starter'
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Milliseconds until a batch of spans leaves: long, so that a killed process has told little of what it did, and
 * shorter than the seconds for which others tell it again (`src/run/trace.ts`).
 */
const EXPORT_MS = '4000'

/** @throws Error where the run ended before anybody could be killed */
export async function killedRun(project: Project, options: KilledRunOptions): Promise<KilledRun> {
  const model = await startHeldModel('coder')
  const env = {
    ...{ OPENAI_BASE_URL: model.url, SKEIN_ADOPTION: '3s', OTEL_BSP_SCHEDULE_DELAY: EXPORT_MS },
    ...options.env,
  }
  try {
    const workspace = await project.copyOf('tiny', `${options.dies}-dies`)
    const flags = ['-w', workspace, '--peers', 'researcher=1,coder=2', '--model', 'ruler', '--json']
    const starter = project.skein(['run', 'Write what is missing', ...flags, ...(options.args ?? [])], env)
    await before(starter, model.held)
    const there = await peersOf(project)
    const peers = there.map(({ pid }) => pid)
    if (options.dies === 'starter') {
      const [{ run }] = JSON.parse(await outputOf(project, 'runs')) as [{ run: string }]
      process.kill(starter.pid, 'SIGKILL')
      model.letGo()
      const report = reportOf(await project.skein(['wait', run, '--json'], env).ended)
      return { report, link: undefined, pid: starter.pid, peers }
    }
    const victim = there.find(({ role, busy }) => role === 'coder' && busy > 0)
    if (victim === undefined) throw new Error(`no coder works on anything: ${JSON.stringify(there)}`)
    process.kill(victim.pid, 'SIGKILL')
    await before(starter, model.heldAgain)
    model.letGo()
    const end = await starter.ended
    const { jaeger } = JSON.parse(end.stdout) as { jaeger?: string }
    return { report: reportOf(end), link: jaeger, pid: victim.pid, peers }
  } finally {
    model.letGo()
    await model.close()
  }
}

/** @throws Error where the process ends first */
async function before(starter: SkeinProcess, event: Promise<unknown>): Promise<void> {
  const end = await Promise.race([event.then(() => undefined), starter.ended])
  if (end !== undefined) throw new Error(`the run ended before its time:\n${end.stderr}${end.stdout}`)
}

const outputOf = async (project: Project, command: string): Promise<string> =>
  (await project.skein([command, '--json']).ended).stdout

type Peer = { readonly role: string; readonly pid: number; readonly busy: number }

const peersOf = async (project: Project): Promise<readonly Peer[]> =>
  (JSON.parse(await outputOf(project, 'ps')) as Partial<Peer>[]).filter(
    (one): one is Peer => one.pid !== undefined,
  )
