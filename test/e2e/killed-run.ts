/**
 * A run by the command line, its peers in processes of their own, one process of which is killed in the middle of the
 * work, at the moment in which a model begins to answer: either that of its coder, which a new coder's process then
 * adopts; or the one that it was started in, and then somebody else hosts its origin.
 *
 * It knows no test framework.
 */
import type { RunReport } from '../../src/flock/run-report.ts'
import { startHeldModels } from './held-model.ts'
import { type Project, reportOf } from './project.ts'
import type { SkeinProcess } from './skein-process.ts'

export type KilledRun = {
  readonly report: RunReport
  /** What it printed as its link, where it lived to do so. */
  readonly link: string | undefined
  /** The process that was killed. */
  readonly pid: number
  /** Of the peers that it began with. */
  readonly peers: readonly number[]
}

export type KilledRunOptions = {
  readonly dies: 'coder' | 'starter'
  /** Address of Jaeger's page: a flag of the run, a variable of the others. */
  readonly jaeger: string
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Milliseconds until a batch of spans leaves: long, so that a killed process has told little of what it did, and
 * shorter than the seconds for which others tell it again (`src/run/trace.ts`).
 */
const EXPORT_MS = '4000'
const MODEL = ['--model', 'ruler']

/** @throws Error where the run ended before anybody could be killed */
export async function killedRun(project: Project, options: KilledRunOptions): Promise<KilledRun> {
  const model = await startHeldModels(['planner', 'coder'])
  const [planner, coder] = model.holds as [(typeof model.holds)[0], (typeof model.holds)[0]]
  const env = {
    ...{ OPENAI_BASE_URL: model.url, SKEIN_ADOPTION: '3s', OTEL_BSP_SCHEDULE_DELAY: EXPORT_MS },
    ...options.env,
  }
  const others = { ...env, SKEIN_JAEGER: options.jaeger }
  try {
    const workspace = await project.copyOf('tiny', `${options.dies}-dies`)
    const flags = ['-w', workspace, '--peers', 'researcher=1,coder=1', ...MODEL, '--json']
    const starter = project.skein(['run', 'Write what is missing', ...flags, '--jaeger', options.jaeger], env)
    await before(starter, planner.held)
    if (options.dies === 'starter') {
      process.kill(starter.pid, 'SIGKILL')
      const peers = await peersOf(project)
      const [{ run }] = (await told(project, 'runs')) as [{ run: string }]
      for (const hold of model.holds) hold.letGo()
      const { ended } = project.skein(['wait', run, '--json'], others)
      return { report: reportOf(await ended), link: undefined, pid: starter.pid, peers: pidsOf(peers) }
    }
    const peers = await peersOf(project)
    const { pid } = peers.find(({ role }) => role === 'coder')!
    planner.letGo()
    await before(starter, coder.held)
    process.kill(pid, 'SIGKILL')
    const heir = project.skein(['peer', 'coder', ...MODEL], others)
    await before(starter, coder.heldAgain)
    coder.letGo()
    const end = await starter.ended
    await heir.stop()
    const { jaeger } = JSON.parse(end.stdout) as { jaeger?: string }
    return { report: reportOf(end), link: jaeger, pid, peers: pidsOf(peers) }
  } finally {
    for (const hold of model.holds) hold.letGo()
    await model.close()
  }
}

/** @throws Error where the process ends first */
async function before(starter: SkeinProcess, event: Promise<unknown>): Promise<void> {
  const end = await Promise.race([event.then(() => undefined), starter.ended])
  if (end !== undefined) throw new Error(`the run ended before its time:\n${end.stderr}${end.stdout}`)
}

const told = async (project: Project, command: string): Promise<unknown> =>
  JSON.parse((await project.skein([command, '--json']).ended).stdout)

type Peer = { readonly role: string; readonly pid: number }

const peersOf = async (project: Project): Promise<readonly Peer[]> =>
  ((await told(project, 'ps')) as Partial<Peer>[]).filter((one): one is Peer => one.pid !== undefined)

const pidsOf = (peers: readonly Peer[]): number[] => peers.map(({ pid }) => pid)
