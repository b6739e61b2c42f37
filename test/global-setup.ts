/**
 * Before all tests: makes sure that there is a real nats-server, fetched once into the user's cache, and names it to
 * the test workers. Without one the tests would prove nothing about the network, so there is no skipping.
 */
import { findBinary } from '../src/embedded/binary.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'

export default async function setup(): Promise<void> {
  process.env.SKEIN_NATS_SERVER = await findBinary({
    env: process.env,
    clock: systemClock(),
    random: systemRandom(),
    progress: (text) => process.stderr.write(`${text}\n`),
    signal: new AbortController().signal,
  })
}
