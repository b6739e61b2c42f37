/**
 * One simulated process: its link to the network, its clock, its chance, and what it hosts. It ends by being killed,
 * by being sent away, or by giving up as a real one does: then something else, the world, starts another in its place.
 */
import type { Blobs } from '../bus/blobs.ts'
import type { MemoryNetwork } from '../bus/memory/network.ts'
import type { Log } from '../log.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { witnessed } from './edge.ts'
import { processClock } from './process-clock.ts'
import type { Witness } from './witness.ts'

/** What a process hosts, as far as the process knows it. */
export type Hosted = {
  /** Resolves when the process should leave by itself, if ever. */
  readonly lost?: Promise<unknown>
  drain(): Promise<void>
}

export type ProcessOptions = {
  /** Its client on the network. */
  readonly name: string
  readonly pid: number
  readonly network: MemoryNetwork
  readonly clock: Clock
  readonly skewMs: number
  readonly random: Random
  readonly blobs: Blobs
  readonly witness: Witness
  readonly log: Log
  readonly host: (ports: ProcessPorts) => Promise<Hosted>
  /** It is gone, however that came about. */
  readonly onEnd: () => void
}

export interface SimulatedProcess {
  /** SIGKILL. */
  kill(): void
  /** SIGTERM: gives back what it has and leaves. */
  drain(): void
  /** SIGSTOP and SIGCONT. */
  pause(): void
  resume(): void
  /** Cut off from the network, and back. */
  cut(): void
  heal(): void
}

export function startProcess(options: ProcessOptions): SimulatedProcess {
  const { name, pid, network, random, blobs, witness, log, host, onEnd } = options
  const clock = processClock(options.clock, options.skewMs)
  let ended = false

  /** Nothing of it ever goes on. */
  function kill(): void {
    if (ended) return
    ended = true
    clock.stop()
    network.crash(name)
    onEnd()
  }

  const bus = witnessed(network.connect(name), blobs, witness)
  const spans = { emit: () => {}, close: async () => {} }
  const ports: ProcessPorts = {
    ...{ bus, clock, random, spans, log },
    ...{ host: 'simulation', pid, scratch: '' },
    onOwnCommit: witness.committed,
  }
  let draining = false
  let hosted: Hosted | undefined

  async function leave(): Promise<void> {
    try {
      await hosted?.drain()
    } finally {
      kill()
    }
  }

  async function live(): Promise<void> {
    await undefined // whoever starts it has it before it does anything
    hosted = await host(ports)
    if (draining || hosted.lost !== undefined) {
      if (!draining) await hosted.lost
      await leave()
    }
  }

  // A process whose start fails, or whose end does, ends.
  live().catch((error) => {
    log.error('the process ends', { process: name, error: String(error) })
    kill()
  })

  return {
    kill,
    drain() {
      if (draining) return
      draining = true
      if (hosted !== undefined) leave().catch(kill)
    },
    pause() {
      clock.pause()
      network.pause(name)
    },
    resume() {
      clock.resume()
      network.resume(name)
    },
    cut: () => network.cut(name),
    heal: () => network.heal(name),
  }
}
