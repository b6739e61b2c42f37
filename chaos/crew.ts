/**
 * The peer processes of a flight: as `skein run` starts them, but each has a place, which is filled again when its
 * process was killed. Nobody tells the new process what the old one did.
 */
import { namedRoles, roleNamed } from '../cli/input/roles.ts'
import { peerArgs } from '../cli/peer-args.ts'
import { sleep } from '../src/time/clock.ts'
import type { SeededRandom } from '../src/time/random.ts'
import type { Child, End } from './children.ts'
import { readLog, TEXT } from './log-line.ts'
import type { Stage } from './stage.ts'

export type CrewOptions = {
  /** How many of each role: with spares, so that somebody is left to adopt. */
  readonly places: Readonly<Record<string, number>>
  readonly env: Readonly<Record<string, string>>
  readonly model: string
  readonly stateDir: string
  readonly random: SeededRandom
}

/** A process that was stopped for longer than its leases live. */
export type Pause = {
  readonly child: Child
  /** Of the leases that it had held until then. */
  readonly epochs: readonly number[]
  /** When it went on, in milliseconds since 1970, and how many lines it had said by then. */
  readonly resumedAt: number
  readonly line: number
}

/** A process that ended by itself. */
export type Loss = { readonly name: string; readonly end: End }

export interface Crew {
  /** Resolves when every place has a process that is ready. */
  complete(): Promise<void>
  /** Processes that may be hit: ready, and not stopped. One that slept is spared until it has said what it lost. */
  targets(): readonly Child[]
  kill(child: Child): void
  /** Stops a process for so long, and then lets it go on. */
  pause(child: Child, ms: number): Promise<void>
  /** Every process there was. */
  readonly children: readonly Child[]
  readonly kills: number
  readonly pauses: readonly Pause[]
  readonly losses: readonly Loss[]
  /** Ends all, for good. */
  end(): Promise<void>
}

/** Until a place is filled again. */
const VACANT_MS = { least: 200, most: 1_000 }
const LOOK_MS = 50

type Place = { readonly role: string; child: Child | undefined; ready: boolean }

export async function createCrew(stage: Stage, options: CrewOptions): Promise<Crew> {
  const { children, clock, say, signal } = stage
  const { env, model, stateDir, random } = options
  const names = Object.keys(options.places)
  const roles = await namedRoles({}, names)
  const argsOf = peerArgs(roles, { config: {}, stateDir, nats: undefined, env, model })
  const over = new AbortController()
  const started: Child[] = []
  const killed = new Set<Child>()
  const stopped = new Set<Child>()
  const pauses: Pause[] = []
  const losses: Loss[] = []

  function start(role: string): Child {
    const count = started.filter(({ name }) => name.startsWith(`${role}.`)).length
    const child = children.start({
      name: `${role}.${count + 1}`,
      program: process.execPath,
      args: argsOf(roleNamed(role, roles))!,
      env,
      cwd: stage.folder,
      tethered: true,
    })
    started.push(child)
    return child
  }

  async function fill(place: Place): Promise<void> {
    while (!over.signal.aborted) {
      const child = start(place.role)
      place.child = child
      // One that finds no server at its start leaves, and the next one tries.
      place.ready = await child.says(TEXT.ready).then(
        () => true,
        () => false,
      )
      const wasReady = place.ready
      const end = await child.ended
      place.ready = false
      if (over.signal.aborted) return
      if (wasReady && !killed.has(child)) losses.push({ name: child.name, end })
      const vacant = VACANT_MS.least + random.next() * (VACANT_MS.most - VACANT_MS.least)
      await sleep(clock, vacant, over.signal)
    }
  }

  const places = names.flatMap((role) =>
    Array.from({ length: options.places[role]! }, (): Place => ({ role, child: undefined, ready: false })),
  )
  const filling = Promise.all(places.map(fill))

  return {
    async complete() {
      while (!places.every(({ ready }) => ready)) {
        await sleep(clock, LOOK_MS, signal)
        signal.throwIfAborted()
      }
    },
    targets: () =>
      places.flatMap(({ child, ready }) =>
        child !== undefined && ready && !killed.has(child) && !stopped.has(child) ? child : [],
      ),
    kill(child) {
      say(`  kills ${child.name}`)
      killed.add(child)
      child.signal('SIGKILL')
    },
    async pause(child, ms) {
      say(`  stops ${child.name} for ${(ms / 1_000).toFixed(1)} s`)
      child.signal('SIGSTOP')
      stopped.add(child)
      await sleep(clock, ms, signal)
      const epochs = readLog(child.said).flatMap(({ epoch }) => epoch ?? [])
      const line = child.said.length
      pauses.push({ child, epochs, resumedAt: clock.now(), line })
      child.signal('SIGCONT')
      const spare = () => void stopped.delete(child)
      void child.says(TEXT.goesOn, line).then(spare, spare)
    },
    children: started,
    get kills() {
      return killed.size
    },
    pauses,
    losses,
    async end() {
      over.abort()
      for (const child of started) if (!child.hasEnded()) child.signal('SIGKILL')
      await filling
    },
  }
}
