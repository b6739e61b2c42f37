/**
 * Whether a real Jaeger 2 shows runs whole of which a process was killed: `npm run jaeger`, or
 * `npm run jaeger -- http://127.0.0.1:16686` with the address of its page. Exit code 0 only if it does.
 *
 * The runs take the way of `skein run --jaeger`: real processes, a real server, and spans by OTLP to port 4318 of
 * that host. `test/e2e/killed-run.test.ts` asks the same of a small collector, without a Jaeger.
 */
import { findBinary } from '../../src/embedded/binary.ts'
import { type Clock, sleep } from '../../src/time/clock.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { JaegerError, spansFromJaeger } from '../../traces/jaeger.ts'
import { RESOURCE } from '../../traces/names.ts'
import { traceIdOf } from '../../traces/propagation.ts'
import { flawsOf } from '../../traces/read/flaws.ts'
import { storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import type { Span } from '../../traces/span.ts'
import { type KilledRunOptions, killedRun } from '../e2e/killed-run.ts'
import { openProject, type Project, spansOf } from '../e2e/project.ts'
import { lives } from '../e2e/skein-process.ts'

const DEFAULT_URL = 'http://127.0.0.1:16686'
/** Until what was exported can be read: Jaeger takes spans in batches. */
const SHOWN_MS = 15_000
const LOOK_MS = 500
/** Until peers that no run needs have left. */
const LEAVE_MS = 30_000

type Dies = KilledRunOptions['dies']

const say = (text: string) => process.stdout.write(`${text}\n`)

/** @returns what is wrong */
async function check(url: string, clock: Clock, project: Project, dies: Dies): Promise<string[]> {
  say(`\na run of which the ${dies}'s process is killed`)
  const { report, link, pid, peers } = await killedRun(project, { dies, jaeger: url })
  const { run, outcome, reason } = report
  const traceId = traceIdOf(run)
  const [spans, flaws] = await shown(url, clock, traceId, await spansOf(report))
  await gone(clock, peers)
  const processes = new Set(spans.map(({ resource }) => resource[RESOURCE.processPid])).size
  const { takeovers, conversations } = storyOf(traceTree(spans))
  const adopted = takeovers.map(({ conversation, peer }) => `${conversation.role} by ${peer}`)
  say(`  ${url}/trace/${traceId}`)
  say(`  ${run}: ${outcome}; killed process ${pid}; taken over: ${adopted.join(', ') || 'nothing'}`)
  say(`  ${spans.length} spans of ${conversations.length} conversations, made by ${processes} processes`)
  return [
    ...(outcome === 'completed' ? [] : [`the run is ${outcome}: ${reason}`]),
    ...flaws,
    ...(takeovers.length > 0 ? [] : ['no takeover span']),
    ...(dies === 'starter' || link === `${url}/trace/${traceId}` ? [] : [`the run printed the link ${link}`]),
  ]
}

/** Waits until the peers have left, since their folder is removed in the end. */
async function gone(clock: Clock, pids: readonly number[]): Promise<void> {
  const deadline = clock.now() + LEAVE_MS
  while (pids.some(lives) && clock.now() < deadline) await sleep(clock, LOOK_MS)
}

/** @throws JaegerError `jaeger.away`, `jaeger.answer` */
async function assureJaeger(url: string, clock: Clock): Promise<void> {
  await spansFromJaeger({ url, traceId: traceIdOf('no such run'), timers: clock }).catch((error: unknown) => {
    if (!(error instanceof JaegerError && error.code === 'jaeger.no-trace')) throw error
  })
}

/** What Jaeger has of the run, as soon as nothing is wrong with it, or when it has had time enough. */
async function shown(
  url: string,
  clock: Clock,
  traceId: string,
  known: readonly Span[],
): Promise<[spans: readonly Span[], flaws: string[]]> {
  const deadline = clock.now() + SHOWN_MS
  for (;;) {
    const spans = await spansFromJaeger({ url, traceId, timers: clock }).catch((error) => {
      if (error instanceof JaegerError && error.code === 'jaeger.no-trace') return []
      throw error
    })
    const there = new Set(spans.map(({ spanId }) => spanId))
    const lost = known.filter(({ spanId }) => !there.has(spanId)).length
    const flaws = [
      ...flawsOf(spans),
      ...(lost === 0 ? [] : [`${lost} of the ${known.length} spans in the run's file are not in Jaeger`]),
    ]
    if (flaws.length === 0 || clock.now() > deadline) return [spans, flaws]
    await sleep(clock, LOOK_MS)
  }
}

const clock = systemClock()
let project: Project | undefined
try {
  const url = (process.argv[2] ?? DEFAULT_URL).replace(/\/+$/, '')
  await assureJaeger(url, clock)
  process.env.SKEIN_NATS_SERVER = await findBinary({
    ...{ env: process.env, clock, random: systemRandom(), progress: say },
    signal: new AbortController().signal,
  })
  project = await openProject()
  process.exitCode = 0
  for (const dies of ['coder', 'starter'] as const) {
    const problems = await check(url, clock, project, dies)
    for (const problem of problems) say(`  ✗ ${problem}`)
    if (problems.length === 0) say('  ✓ one trace, one root, no missing parents, and who took over')
    else process.exitCode = 1
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
} finally {
  await project?.close()
}
