/** How much skein writes in a rally: measured in a rehearsal in memory, so that the bare side can write as much. */
import type { Frame } from '../src/bus/frame.ts'
import { memoryNetwork } from '../src/bus/memory/network.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { decodeRecord } from '../src/turn/record.ts'
import { pingRole, pongRole, rallyCodec } from './rally.ts'
import { skeinOtherEnd, skeinSide } from './skein-side.ts'

/** Means, in bytes. */
export type Sizes = {
  /** A message, headers and all. */
  readonly message: number
  /** What a ping commits for each message that it takes. */
  readonly ping: number
  /** What a pong commits for each message that it takes, and again once its answer is out. */
  readonly pong: number
  readonly settled: number
}

/** @param hits of each rally that is to be played: what a message carries grows a little with them */
export async function measureSizes(hits: number): Promise<Sizes> {
  const bus = memoryNetwork({ clock: systemClock(), random: systemRandom() }).connect('rehearsal')
  const [side, other] = [await skeinSide(bus), await skeinOtherEnd(bus)]
  await side.play(1, hits)
  await side.leave()
  await other.leave()
  const journal = await bus.records.history('conversation')
  await bus.close()
  const commits = journal.map(({ value }) => ({ bytes: value.length, record: decodeRecord(value) }))
  const settled = commits.filter(({ record }) => record.took.event === 'settled')
  const turns = commits.filter((commit) => !settled.includes(commit))
  const of = (role: string) => turns.filter(({ record }) => record.role === role)
  const outbox = turns.flatMap(({ record }) => record.outbox)
  return {
    message: mean(outbox.map(({ message }) => bytesOf(rallyCodec.encode(message)))),
    ping: mean(of(pingRole.name).map(({ bytes }) => bytes)),
    pong: mean(of(pongRole.name).map(({ bytes }) => bytes)),
    settled: mean(settled.map(({ bytes }) => bytes)),
  }
}

const mean = (numbers: readonly number[]) =>
  Math.round(numbers.reduce((sum, number) => sum + number, 0) / numbers.length)

const bytesOf = ({ headers, body }: Frame) =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + `${name}: ${value}\r\n`.length, body.length)
