/**
 * The processes of a world, and what its operating systems do about them: a place whose process ended gets another one
 * after a while. Process faults find their victims here.
 */
import { assertNever } from '../../protocols/errors.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { MemoryNetwork } from '../bus/memory/network.ts'
import type { Log } from '../log.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Clock } from '../time/clock.ts'
import type { SeededRandom } from '../time/random.ts'
import type { Hosted, SimulatedProcess } from './process.ts'
import { startProcess } from './process.ts'
import type { ProcessFault } from './process-faults.ts'
import { type Profile, SKEW_MS } from './profile.ts'
import { createDraws, type Schedule } from './schedule.ts'
import type { Witness, Witnesses } from './witness.ts'

/** Where processes of one kind follow each other. */
export type Post = {
  readonly name: string
  readonly role: string
  readonly host: (ports: ProcessPorts, witness: Witness) => Promise<Hosted>
}

export type PopulationOptions = {
  readonly network: MemoryNetwork
  readonly clock: Clock
  readonly random: SeededRandom
  readonly seed: number
  readonly skew: Profile['skew']
  readonly blobs: Blobs
  readonly witnesses: Witnesses
  readonly schedule: Schedule
  readonly log: Log
}

export interface Population {
  open(post: Post): void
  /** A fault befalls one of the posts, if it has a process. @param newcomer the post of one that joins */
  befall(fault: ProcessFault, newcomer: () => Post): void
  /** A process was killed by what befell an operation of its client. */
  died(client: string): void
  /** The role of a process's client. */
  roleOf(client: string): string | undefined
  /** Processes that are asleep or cut off: what they do when they are back is still to be seen. */
  away(): number
  /** Processes started so far. */
  started(): number
  /** Nobody starts anything any more. */
  end(): void
}

/** How long a post stays empty, in milliseconds. */
const EMPTY_MS = { least: 100, most: 6_000 }

type Occupied = { readonly post: Post; readonly process: SimulatedProcess }

export function createPopulation(options: PopulationOptions): Population {
  const { network, clock, random, seed, skew, blobs, witnesses, schedule, log } = options
  const posts = new Map<string, Occupied | undefined>()
  const roles = new Map<string, string>()
  const processes = new Map<string, SimulatedProcess>()
  const away = new Set<SimulatedProcess>()
  const skews = createDraws(seed, 'skews')
  let pid = 0
  let ended = false

  function open(post: Post): void {
    posts.set(post.name, undefined)
    occupy(post)
  }

  function occupy(post: Post): void {
    const number = ++pid
    const name = `${post.name}.${number}`
    const own = random.fork(name)
    roles.set(name, post.role)
    const witness = witnesses.of(number)
    const process = startProcess({
      ...{ name, pid: number, network, clock, blobs, witness, log },
      random: own.fork('process'),
      skewMs: skewOf(post),
      host: (ports) => post.host(ports, witness),
      onEnd() {
        if (posts.get(post.name)?.process === process) posts.set(post.name, undefined)
        processes.delete(name)
        away.delete(process)
        const { least, most } = EMPTY_MS
        const emptyMs = least + Math.floor((most - least) * own.fork('empty').next())
        if (!ended) clock.setTimer(emptyMs, () => ended || occupy(post))
      },
    })
    posts.set(post.name, { post, process })
    processes.set(name, process)
  }

  function skewOf({ name, role }: Post): number {
    const { id, random: draw } = skews.next(role)
    if (draw.next() >= skew) return 0
    const skewMs = Math.round((draw.next() * 2 - 1) * SKEW_MS)
    return schedule.strikes(id, 'skew', `${name}, by ${skewMs} ms`) ? skewMs : 0
  }

  function leaveFor(process: SimulatedProcess, forMs: number, go: () => void, back: () => void): void {
    go()
    away.add(process)
    clock.setTimer(forMs, () => {
      if (away.delete(process)) back()
    })
  }

  return {
    open,
    befall({ id, kind, forMs, who }, newcomer) {
      if (kind === 'join') {
        const post = newcomer()
        if (schedule.strikes(id, kind, post.name)) open(post)
        return
      }
      const names = [...posts.keys()]
      const victim = posts.get(names[Math.floor(who * names.length)]!)
      if (victim === undefined || away.has(victim.process)) return
      const { post, process } = victim
      const what = kind === 'pause' || kind === 'partition' ? `${post.name}, for ${forMs} ms` : post.name
      if (!schedule.strikes(id, kind, what)) return
      switch (kind) {
        case 'crash':
          process.kill()
          break
        case 'drain':
          process.drain()
          break
        case 'pause':
          leaveFor(process, forMs, process.pause, process.resume)
          break
        case 'partition':
          leaveFor(process, forMs, process.cut, process.heal)
          break
        default:
          assertNever(kind)
      }
    },
    died: (client) => processes.get(client)?.kill(),
    roleOf: (client) => roles.get(client),
    away: () => away.size,
    started: () => pid,
    end() {
      ended = true
      for (const occupied of posts.values()) occupied?.process.kill()
    },
  }
}
