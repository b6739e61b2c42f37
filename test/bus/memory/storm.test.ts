import { assert, expect, test } from 'vitest'
import type { Bus } from '../../../src/bus/bus.ts'
import { AmbiguousError, ConflictError, UnavailableError } from '../../../src/bus/errors.ts'
import type { Faults } from '../../../src/bus/memory/faults.ts'
import { type SeededRandom, seededRandom } from '../../../src/time/random.ts'
import { bytes, frame, someRole, text } from '../../contracts/bus/harness.ts'
import { quiet, settled, virtualNetwork } from './virtual.ts'

const MESSAGES = 25
const MAILBOX = someRole()

/** Everything goes wrong now and then, and takes a while. */
function storm(random: SeededRandom): Faults {
  const now = (chance: number) => random.next() < chance
  const ms = () => Math.floor(random.next() * 200)
  return () => ({
    delayMs: now(0.02) ? 7_000 : ms(),
    answerMs: ms(),
    unanswered: now(0.05),
    drop: now(0.1),
    duplicate: now(0.1),
    reorder: now(0.3),
    forgotten: now(0.05),
  })
}

/** Repeats what was not answered until it is. */
async function insist<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof AmbiguousError || error instanceof UnavailableError)) throw error
    }
  }
}

/** Adds a line to the record, once: after an ambiguous append it looks whether the line is there. */
async function addLine({ records }: Bus, line: string): Promise<void> {
  for (;;) {
    const entry = await insist(() => records.read('lines'))
    const lines = entry ? text(entry.value).split(' ') : []
    if (lines.includes(line)) return
    try {
      await records.append('lines', bytes([...lines, line].join(' ')), entry?.revision ?? 0)
      return
    } catch (error) {
      if (!(error instanceof AmbiguousError || error instanceof ConflictError)) throw error
    }
  }
}

/** Sends messages through a storm, with a crash and a cut on the way, and tells all that was seen. */
async function weather(seed: number): Promise<{ log: string[]; lines: string[] }> {
  const random = seededRandom(seed)
  const { clock, network } = virtualNetwork(storm(random.fork('faults')), seed)
  const log: string[] = []

  async function send(bus: Bus): Promise<void> {
    for (let index = 0; index < MESSAGES; index++) {
      await insist(() => bus.mailboxes.put(MAILBOX, frame(`m${index}`), { dedup: `m${index}` }))
    }
  }
  async function work(name: string): Promise<void> {
    const bus = network.connect(name)
    const { signal } = new AbortController()
    const reader = await insist(() => bus.mailboxes.reader(MAILBOX, { prefetch: 3 }))
    for (;;) {
      const delivery = await reader.next(signal)
      assert(delivery)
      const line = text(delivery.frame.body)
      log.push(`${clock.now()} ${name} ${line} ${delivery.attempt}`)
      await addLine(bus, line)
      await delivery.ack()
    }
  }

  void send(network.connect('sender'))
  for (const name of ['one', 'two', 'three']) void work(name)
  clock.setTimer(2_000, () => network.crash('two'))
  clock.setTimer(3_000, () => network.cut('three'))
  clock.setTimer(20_000, () => network.heal('three'))
  for (let steps = 0; ; steps++) {
    await quiet()
    if (!clock.step()) break
    assert(steps < 20_000, 'the storm does not end')
  }
  const { records } = network.connect('afterwards')
  const entry = await settled(
    clock,
    insist(() => records.read('lines')),
  )
  return { log, lines: text(entry?.value ?? bytes('')).split(' ') }
}

test.each(Array.from({ length: 10 }, (_, seed) => seed))(
  'loses no message and no line in the storm of seed %i, and brings the same storm again',
  async (seed) => {
    const { log, lines } = await weather(seed)
    const expected = Array.from({ length: MESSAGES }, (_, index) => `m${index}`).sort()
    expect([...lines].sort()).toEqual(expected)
    expect((await weather(seed)).log).toEqual(log)
  },
)
