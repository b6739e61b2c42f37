/**
 * The contract of the bus port: an adapter is a bus when it passes. It assumes no clock of its own: what takes time
 * is awaited. Each test opens a network of its own, empty and apart from any other.
 */
import { describe } from 'vitest'
import { blobsContract } from './bus/blobs.ts'
import { closingContract } from './bus/closing.ts'
import type { MakeBus } from './bus/harness.ts'
import { leasesContract } from './bus/leases.ts'
import { mailboxesContract } from './bus/mailboxes.ts'
import { readersContract } from './bus/readers.ts'
import { recordsContract } from './bus/records.ts'
import { signalsContract } from './bus/signals.ts'

export type { MakeBus, NetworkOptions, TestNetwork } from './bus/harness.ts'

/**
 * @example
 * busContract('memory bus', async (options) => {
 *   const network = memoryNetwork({ clock: systemClock(), random: systemRandom(), ...options })
 *   return { connect: async () => network.connect('client'), dispose: async () => {} }
 * })
 */
export function busContract(name: string, makeBus: MakeBus): void {
  describe(name, () => {
    describe('signals', () => signalsContract(makeBus))
    describe('mailboxes', () => mailboxesContract(makeBus))
    describe('readers', () => readersContract(makeBus))
    describe('records', () => recordsContract(makeBus))
    describe('leases', () => leasesContract(makeBus))
    describe('blobs', () => blobsContract(makeBus))
    describe('closing', () => closingContract(makeBus))
  })
}
