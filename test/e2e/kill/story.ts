/** A run of the shop, told to its end: through any number of processes that die, and one that lives. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { peerId, roleName, runId } from '../../../protocols/ids.ts'
import type { Bus } from '../../../src/bus/bus.ts'
import type { Mailbox } from '../../../src/bus/mailboxes.ts'
import { natsBus } from '../../../src/bus/nats/bus.ts'
import { silentLog } from '../../../src/log.ts'
import { originPeer } from '../../../src/run/origin-address.ts'
import { startRun } from '../../../src/run/start-run.ts'
import type { RunEnd } from '../../../src/run/watch-run.ts'
import { systemRandom } from '../../../src/time/random.ts'
import { systemClock } from '../../../src/time/system-clock.ts'
import { decodeRecord, isActive, runPrefix } from '../../../src/turn/record.ts'
import { POLL } from '../../contracts/bus/harness.ts'
import { type Chapter, chaptersOf, takenIn } from './chapter.ts'
import { type Life, type Living, startLife } from './life.ts'
import { type Order, shop } from './shop.ts'
import type { Place } from './trap.ts'

export type Scene = {
  readonly url: string
  /** Tells this run from the others on the server. */
  readonly prefix: string
  readonly program: string
  readonly folder: string
  readonly order: Order
  /** Where the first process dies, then the one that takes over from it, and so on. One more comes and lives. */
  readonly deaths: readonly Place[]
}

export type Story = {
  readonly output: RunEnd['output']
  /** What each conversation took, in order. */
  readonly taken: Readonly<Record<string, readonly string[]>>
  /** One for each process, in their order. */
  readonly chapters: readonly Chapter[]
}

const RUN = runId('r1')
const RUN_MS = 25_000
/** Short, so that the dead are soon replaced, and what they had in hand soon comes again. */
const LIVELY = { leaseTtlMs: 1_000, ackWaitMs: 700 }

const MAILBOXES: readonly Mailbox[] = [
  ...['clerk', 'teller'].flatMap((role): Mailbox[] => [
    { kind: 'role', role: roleName(role) },
    { kind: 'peer', peer: peerId(`${role}-1`) },
  ]),
  { kind: 'peer', peer: originPeer(RUN) },
]

/** Resolves when nothing of the run is left to do, not even mail to acknowledge. */
export async function tell({ url, prefix, program, folder, order, deaths }: Scene): Promise<Story> {
  const life: Life = { bus: { url, prefix, ...LIVELY }, ledger: join(folder, `${prefix}.ledger`) }
  const bus = await natsBus(life.bus)
  const lives: Living[] = []
  const live = (place?: Place) => {
    const one = startLife(program, { ...life, ...(place && { place }) })
    lives.push(one)
    return one
  }
  try {
    const running = run(bus, order)
    for (const place of deaths) {
      const doomed = live(place)
      // A run that is over does not lead to that place any more.
      running.then(doomed.letGo, doomed.letGo)
      await doomed.ended
    }
    const heir = live()
    const { output } = (await running)!
    await vi.waitFor(async () => expect(await leftOn(bus)).toEqual({ mail: 0, pending: [] }), POLL)
    heir.letGo()
    const ends = await Promise.all(lives.map(async ({ pid, ended }) => ({ pid, end: await ended })))
    const journal = (await bus.records.history(runPrefix(RUN))).map(({ value }) => decodeRecord(value))
    const ledger = (await readFile(life.ledger, 'utf8')).trim().split('\n')
    return { output, taken: takenIn(journal), chapters: chaptersOf(ends, journal, ledger) }
  } finally {
    for (const one of lives) one.letGo()
    await bus.close()
  }
}

const run = (bus: Bus, body: Order): Promise<RunEnd | undefined> =>
  startRun({
    bus,
    clock: systemClock(),
    random: systemRandom(),
    spans: { emit: () => {}, close: async () => {} },
    log: silentLog,
    host: 'test',
    pid: process.pid,
    scratch: '',
    run: RUN,
    goal: 'buy something',
    start: { role: 'clerk', message: shop.messages.order, body, answers: [shop.messages.receipt] },
    timeoutMs: RUN_MS,
  })

async function leftOn({ mailboxes, records }: Bus) {
  const depths = await Promise.all(MAILBOXES.map((mailbox) => mailboxes.depth(mailbox)))
  const latest = (await records.latest(runPrefix(RUN))).map(({ value }) => decodeRecord(value))
  return {
    mail: depths.reduce((sum, depth) => sum + depth),
    pending: latest.filter(isActive).map(({ conversation }) => conversation),
  }
}
