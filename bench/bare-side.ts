/**
 * The bare side: the writes of a rally in skein's order and sizes, and nothing else. No schema, no machine, no trace,
 * no fence; what is known of a conversation is in memory and dies with it.
 */
import { drainMicrotasks } from '../src/time/microtasks.ts'
import type { Court } from './bare-court.ts'
import { stroke } from './rally.ts'
import { BREATH, checkHeard, type OtherEnd, type Side } from './side.ts'
import type { Sizes } from './sizes.ts'

const MAILBOX = { ping: 'peer.ping-1', pong: 'role.pong' } as const
const SUBJECT = { ball: 'bare.signal.rally.ball', heard: 'bare.signal.rally.heard' } as const

/** All that a message says; the rest of it is there for its size. */
type Stroke = { readonly rally: string; readonly hit: number; readonly of: number }

const textOf = ({ rally, hit, of }: Stroke) => `${rally} ${hit} ${of}`

function strokeOf(text: string): Stroke {
  const [rally, hit, of] = text.split(' ', 3)
  return { rally: rally!, hit: Number(hit), of: Number(of) }
}

export async function bareSide(court: Court, sizes: Sizes): Promise<Side> {
  const sequences = new Map<string, number>()
  const counts = court.nats.subscribe(SUBJECT.heard)[Symbol.asyncIterator]()
  let plays = 0
  let left = 0
  let over = () => {}
  let failed = (_: unknown) => {}

  async function take({ rally, hit, of }: Stroke, ack: () => void): Promise<void> {
    sequences.set(rally, await court.append(rally, sizes.ping, sequences.get(rally) ?? 0))
    if (hit < of) await court.put(MAILBOX.pong, textOf({ rally, hit: hit + 1, of }), sizes.message)
    else if (--left === 0) over()
    ack()
  }

  await court.read(MAILBOX.ping, (text, ack) => {
    take(strokeOf(text), ack).catch((error) => failed(error))
  })
  await court.nats.flush()
  return {
    async play(rallies, hits) {
      plays++
      left = rallies
      const ended = new Promise<void>((resolve, reject) => {
        over = resolve
        failed = reject
      })
      const serves = Array.from({ length: rallies }, (_, index) =>
        textOf({ rally: `bench-${plays}.ping-${index + 1}`, hit: 0, of: hits }),
      )
      await Promise.all([ended, ...serves.map((serve) => court.put(MAILBOX.ping, serve, sizes.message))])
    },
    async shout(signals) {
      const body = new TextEncoder().encode(JSON.stringify(stroke(signals, signals)))
      for (let hit = 1; hit <= signals; hit++) {
        court.nats.publish(SUBJECT.ball, body)
        if (hit % BREATH === 0) await drainMicrotasks()
      }
      court.nats.publish(SUBJECT.ball)
      const { value } = await counts.next()
      checkHeard(value?.string(), signals)
    },
    leave: court.leave,
  }
}

export async function bareOtherEnd(court: Court, sizes: Sizes): Promise<OtherEnd> {
  /** The last sequence of each record, when all that was taken for it is done. */
  const sequences = new Map<string, Promise<number>>()
  let heard = 0

  async function take(said: Stroke, ack: () => void, before: Promise<number>): Promise<number> {
    const record = said.rally.replace('ping', 'pong')
    const sequence = await court.append(record, sizes.pong, await before)
    await court.put(MAILBOX.ping, textOf(said), sizes.message)
    const settled = await court.append(record, sizes.settled, sequence)
    ack()
    return settled
  }

  await court.read(MAILBOX.pong, (text, ack) => {
    const said = strokeOf(text)
    sequences.set(said.rally, take(said, ack, sequences.get(said.rally) ?? Promise.resolve(0)))
  })
  court.nats.subscribe(SUBJECT.ball, {
    callback: (_, { data }) => {
      if (data.length > 0) heard++
      else {
        court.nats.publish(SUBJECT.heard, String(heard))
        heard = 0
      }
    },
  })
  await court.nats.flush()
  return {
    async leave() {
      await Promise.all(sequences.values())
      await court.leave()
    },
  }
}
