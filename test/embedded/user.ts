/** A process that uses the private server of a state folder until its input ends. Run by `sharing.test.ts`. */
import { once } from 'node:events'
import { embeddedNats } from '../../src/embedded/embedded.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'

const nats = await embeddedNats({
  stateDir: process.argv[2]!,
  env: process.env,
  clock: systemClock(),
  random: systemRandom(),
  progress: () => {},
  signal: new AbortController().signal,
})
process.stdout.write(`${JSON.stringify(nats)}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
await nats.leave()
