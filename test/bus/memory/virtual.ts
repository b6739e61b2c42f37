/** A network on a clock that stands still, and ways to let time go on. */
import { assert, expect } from 'vitest'
import type { Faults, Operation } from '../../../src/bus/memory/faults.ts'
import {
  type MemoryNetwork,
  type MemoryNetworkOptions,
  memoryNetwork,
} from '../../../src/bus/memory/network.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { type VirtualClock, virtualClock } from '../../../src/time/virtual-clock.ts'

export type VirtualNetwork = { readonly clock: VirtualClock; readonly network: MemoryNetwork }

export function virtualNetwork(
  faults?: Faults,
  seed = 1,
  more: Pick<MemoryNetworkOptions, 'onCrash'> = {},
): VirtualNetwork {
  const clock = virtualClock()
  return { clock, network: memoryNetwork({ clock, random: seededRandom(seed), faults, ...more }) }
}

/** The faults of the operations of one name, in turn. Whatever comes after them works. */
export function faultsOf(name: string, ...faults: ReturnType<Faults>[]): Faults {
  return (operation: Operation) => (operation.name === name ? faults.shift() : undefined) ?? {}
}

/** Every promise that can go on without time has done so. */
export const quiet = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Lets time go on until the promise is settled, and no longer. */
export async function settled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let done = false
  const finish = () => {
    done = true
  }
  promise.then(finish, finish)
  for (;;) {
    await quiet()
    if (done) return promise
    assert(clock.step(), 'it would never settle')
  }
}

/** Lets time go on for `ms`. */
export async function pass(clock: VirtualClock, ms: number): Promise<void> {
  let over = false
  clock.setTimer(ms, () => {
    over = true
  })
  while (!over) {
    await quiet()
    clock.step()
  }
  await quiet()
}

/** Whatever time may bring, the promise is not settled. */
export async function expectSilence(clock: VirtualClock, promise: Promise<unknown>): Promise<void> {
  let settledAs: string | undefined
  promise.then(
    (value) => {
      settledAs = `resolved: ${JSON.stringify(value)}`
    },
    (error) => {
      settledAs = `rejected: ${error}`
    },
  )
  do await quiet()
  while (clock.step())
  expect(settledAs).toBeUndefined()
}
