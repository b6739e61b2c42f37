/** Blobs that are there at once and never fail, for as many worlds as like to share them. */
import type { BlobStore } from '../bus/blobs.ts'
import { memoryNetwork } from '../bus/memory/network.ts'
import { seededRandom } from '../time/random.ts'
import { virtualClock } from '../time/virtual-clock.ts'

/** A network without faults answers without asking its clock. */
export const timelessBlobs = (): BlobStore =>
  memoryNetwork({ clock: virtualClock(), random: seededRandom(0) }).connect('blobs').blobs
