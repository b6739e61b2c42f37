/**
 * A whole system in one process: real hosts of real roles on the memory bus, in virtual time, from one seed. Processes
 * crash, sleep, come back, join and leave; the network and the models do what the profile says. After every step the
 * invariants are checked (`ledger.ts`, `witness.ts`, `replay.ts`), and once faults have stopped the run must end.
 *
 * The same seed gives the same run, to the byte: nothing here draws but from the seed, and one timer fires at a time.
 */
import { createHash } from 'node:crypto'
import type { Fault, Operation } from '../bus/memory/faults.ts'
import { type MemoryNetwork, memoryNetwork } from '../bus/memory/network.ts'
import type { RecordEntry } from '../bus/records.ts'
import { type Log, silentLog } from '../log.ts'
import { endRun } from '../run/change-run.ts'
import type { OriginOutput } from '../run/origin.ts'
import { ORIGIN_ROLE } from '../run/origin-address.ts'
import { type Quota, quotaSchema } from '../run/quota.ts'
import { quotaKey } from '../run/quotas.ts'
import { decodeRun, type RunRecord, runKey } from '../run/run-record.ts'
import { drainMicrotasks } from '../time/microtasks.ts'
import { seededRandom } from '../time/random.ts'
import { type VirtualClock, virtualClock } from '../time/virtual-clock.ts'
import { type ConversationRecord, runPrefix } from '../turn/record.ts'
import { simulatedAgents } from './agents.ts'
import { type Breach, createBreaches } from './breach.ts'
import { createChronicle } from './chronicle.ts'
import { createCrew } from './crew.ts'
import type { SimulatedFlock } from './flock.ts'
import { networkFaults } from './operation-faults.ts'
import { createPopulation } from './population.ts'
import { drawProcessFaults, type ProcessFault } from './process-faults.ts'
import type { Profile } from './profile.ts'
import { ORIGIN_PEER, RUN, startOrigin, submit } from './run.ts'
import { createDraws, createSchedule, type FaultEntry, type FaultId } from './schedule.ts'
import { createWitnesses, isConversation, jsonIn, recordIn } from './witness.ts'

export type SimulationOptions = {
  readonly seed: number
  readonly flock: SimulatedFlock
  readonly profile: Profile
  /** Of the faults that the seed draws, only these strike. */
  readonly only?: ReadonlySet<FaultId> | undefined
  /** Befalls an operation of a process of the role, whatever the profile says. */
  readonly strike?: (role: string, operation: Operation) => Fault | undefined
  /** Befall processes besides what the profile has for them. */
  readonly besides?: readonly ProcessFault[]
  /** Cancels the run, so many virtual milliseconds after it began. */
  readonly cancelAt?: number
  /** Its deadline, in virtual milliseconds after it began: beyond all patience unless given. */
  readonly deadlineMs?: number
  /** Openings that a mailbox takes before it refuses: as many as ever, unless given. */
  readonly mailboxCapacity?: number
  readonly log?: Log
}

export type Simulation = {
  readonly seed: number
  /** The first invariant that did not hold. */
  readonly breach: Breach | undefined
  readonly output: OriginOutput | undefined
  /** How it ended; undefined where its end was not announced. */
  readonly outcome: string | undefined
  readonly reason: string | undefined
  /** From the last turn of anybody but the origin to the announcement, in virtual milliseconds. */
  readonly detectionMs: number | undefined
  /** What was booked on the run's quota in the end; undefined where it has none. */
  readonly spent: Quota['spent'] | undefined
  /** Every fault that struck, oldest first. */
  readonly faults: readonly FaultEntry[]
  /** Of every operation and every commit, in order: the same for the same seed. */
  readonly hash: string
  readonly steps: number
  readonly virtualMs: number
  readonly processes: number
  readonly takeovers: number
  /** Every commit, oldest first. */
  readonly journal: readonly ConversationRecord[]
  /** The run's own record, at its end; undefined where that was not announced. */
  readonly record: RunRecord | undefined
}

/** Virtual time after the storm by which the run must be over, in milliseconds: liveness (R5). */
const PATIENCE_MS = 20 * 60_000
/** The run's own deadline lies beyond: a run that reaches it was stuck. */
const DEADLINE_MS = 2 * PATIENCE_MS
/** How long all must have been quiet: whoever was cut off may come back and do harm. */
const QUIET_MS = 15_000
/** The client through which the world itself looks: no fault meets it. */
const ORACLE = 'oracle'
/** Timers that a run may take: one that spins ends as well. */
const STEPS_LIMIT = 300_000
/** Operations that may follow from one timer: beyond them somebody goes round in circles, and no time passes. */
const OPERATIONS_LIMIT = 20_000

export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const { seed, flock, profile, log = silentLog } = options
  const clock = virtualClock(1_700_000_000_000)
  const begun = clock.now()
  const elapsed = () => clock.now() - begun
  const stormy = () => elapsed() < profile.stormMs
  const random = seededRandom(seed)
  const schedule = createSchedule({ elapsed, only: options.only })
  const breaches = createBreaches()
  const hash = createHash('sha256')
  /** Since the last timer fired. */
  let operations = 0
  const drawing = { seed, schedule, stormy, rates: profile.operations }
  const faults = networkFaults(drawing, (client) => population.roleOf(client))
  const network: MemoryNetwork = memoryNetwork({
    clock,
    random: random.fork('network'),
    mailboxCapacity: options.mailboxCapacity,
    faults(operation) {
      if (operation.client === ORACLE) return {}
      hash.update(`${clock.now()} ${operation.client} ${operation.name} ${operation.key}\n`)
      if (++operations > OPERATIONS_LIMIT) {
        breaches.note(
          'R5',
          `${operation.client} goes round in circles, at ${operation.name} ${operation.key}`,
        )
        return { crash: 'before' } // else this step would never end
      }
      return options.strike?.(population.roleOf(operation.client)!, operation) ?? faults(operation)
    },
    onCrash: (client) => population.died(client),
  })
  const population = createPopulation({
    ...{ network, clock, random: random.fork('processes'), seed, skew: profile.skew, schedule, log },
    blobs: flock.blobs,
    witnesses: createWitnesses(breaches),
  })
  const agents = simulatedAgents({
    ...{ rates: profile.models, schedule, stormy },
    draws: { model: createDraws(seed, 'models'), tool: createDraws(seed, 'tools') },
  })
  const crew = createCrew(flock, agents)
  const chronicle = createChronicle(flock, breaches, seed)

  const oracle = network.connect(ORACLE)
  await untilDone(
    clock,
    submit(
      { bus: oracle, clock, random: random.fork('submit') },
      flock,
      begun + (options.deadlineMs ?? profile.stormMs + DEADLINE_MS),
    ),
  )
  const watches = [
    await untilDone(clock, oracle.records.watch(runPrefix(RUN))),
    await untilDone(clock, oracle.records.watch(runKey(RUN))),
    await untilDone(clock, oracle.records.watch(quotaKey(RUN))),
  ]
  /** Several watches, one history: in the order of their revisions. */
  let heard: RecordEntry[] = []
  const watching = watches.map(async (watch) => {
    for await (const entry of watch) heard.push(entry)
  })
  function note(): void {
    for (const entry of heard.sort((a, b) => a.revision - b.revision)) {
      hash.update(entry.value)
      if (isConversation(entry)) chronicle.enter(recordIn(entry), clock.now())
      else if (entry.key === quotaKey(RUN)) chronicle.enterQuota(quotaSchema.parse(jsonIn(entry)))
      else chronicle.enterRun(decodeRun(entry.value), clock.now())
    }
    heard = []
  }
  population.open({ name: ORIGIN_PEER, role: ORIGIN_ROLE, host: (ports) => startOrigin(ports, flock) })
  const { cancelAt } = options
  if (cancelAt !== undefined) {
    const conclusion = { outcome: 'cancelled', reason: 'it was stopped' } as const
    clock.setTimer(cancelAt, () => void endRun(oracle.records, RUN, conclusion, clock.now()))
  }
  for (const post of crew.posts) population.open(post)
  const { people } = flock
  if (people !== undefined) population.open({ name: 'people.1', role: 'people', host: people })
  for (const fault of [...drawProcessFaults(seed, profile), ...(options.besides ?? [])])
    clock.setTimer(fault.at, () => population.befall(fault, () => crew.hire(fault.who)))

  const isQuiet = () => chronicle.end() !== undefined && population.away() === 0

  let steps = 0
  let quietSince: number | undefined
  for (;;) {
    operations = 0
    await drainMicrotasks()
    for (let work = flock.work?.underWay(); work !== undefined; work = flock.work?.underWay()) {
      await work
      await drainMicrotasks()
    }
    note()
    if (breaches.first() !== undefined) break
    quietSince = isQuiet() ? (quietSince ?? elapsed()) : undefined
    if (quietSince !== undefined && elapsed() - quietSince >= QUIET_MS) break
    if (elapsed() > profile.stormMs + PATIENCE_MS || steps >= STEPS_LIMIT || !clock.step()) {
      const what = chronicle.end() === undefined ? 'the run is not over' : 'somebody is still away'
      breaches.note('R5', `${minutes(PATIENCE_MS)} after the last fault ${what}; ${chronicle.pending()}`)
      break
    }
    steps++
  }
  population.end()
  for (const watch of watches) watch.close()
  await Promise.all(watching)
  const [output, end] = [chronicle.output(), chronicle.end()]
  const wrong = wrongWith(options, output, end)
  if (wrong !== undefined) breaches.note('output', wrong)
  const { journal } = chronicle
  return {
    seed,
    breach: breaches.first(),
    output,
    outcome: end?.outcome ?? undefined,
    reason: end?.reason ?? undefined,
    detectionMs: chronicle.detectionMs(),
    spent: chronicle.spent(),
    faults: schedule.entries(),
    hash: hash.digest('hex'),
    steps,
    virtualMs: elapsed(),
    processes: population.started(),
    takeovers: journal.filter(({ took }) => took.event === 'takeover').length,
    journal,
    record: end,
  }
}

/** A run that nobody stops comes to its result. */
function wrongWith(
  { flock, cancelAt, deadlineMs }: SimulationOptions,
  output: OriginOutput | undefined,
  end: RunRecord | undefined,
): string | undefined {
  if (end === undefined) return undefined
  if (end.writtenOff !== null) return `${end.writtenOff} of the stake was written off`
  // What it had when it was stopped may be less, and the first to say so may be anybody.
  const isStopped = cancelAt !== undefined || deadlineMs !== undefined
  if (isStopped) return undefined
  if (output !== undefined) return flock.check(output)
  return end.outcome === flock.unanswered ? undefined : `the run ended as ${end.outcome}: ${end.reason}`
}

const minutes = (ms: number) => `${ms / 60_000} minutes`

/** Moves virtual time until something of the world's own has settled. */
async function untilDone<Result>(clock: VirtualClock, promise: Promise<Result>): Promise<Result> {
  let done = false
  const watched = promise.finally(() => {
    done = true
  })
  for (;;) {
    await drainMicrotasks()
    if (done) return watched
    clock.step()
  }
}
