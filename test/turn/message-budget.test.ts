/** A run that may send only so many messages: whoever would send more hears that it did not. */
import { describe, expect, it } from 'vitest'
import { enqueueActions } from 'xstate'
import { roleName } from '../../protocols/ids.ts'
import type { Mailbox } from '../../src/bus/mailboxes.ts'
import type { Faults } from '../../src/bus/memory/faults.ts'
import type { MemoryNetworkOptions } from '../../src/bus/memory/network.ts'
import { NO_LIMITS } from '../../src/run/quota.ts'
import { createQuotas } from '../../src/run/quotas.ts'
import { seededRandom } from '../../src/time/random.ts'
import { recordKey } from '../../src/turn/record.ts'
import { codec, peer, world } from './hosting.ts'
import { asker, askingHelp, job, message, note, nothingHeard, order, parcels, run, worker } from './stage.ts'

const clients: Mailbox = { kind: 'role', role: roleName('client') }
const milk = message(order, { what: 'milk' })

/** A world whose run may send so many messages. */
async function limited(messages: number, faults?: Faults, more?: Partial<MemoryNetworkOptions>) {
  const here = world(faults, more)
  const { records } = here.network.connect('accountant')
  const quotas = createQuotas({ records, clock: here.clock, random: seededRandom(3) })
  await here.settled(quotas.open(run, { ...NO_LIMITS, messages }))
  return {
    ...here,
    quotas,
    booked: async () => (await here.settled(quotas.read(run)))!.spent.messages,
    last: async () => (await here.journal(job)).filter(({ took }) => took.event !== 'settled').at(-1)!,
  }
}

/** Tells two helpers of every order, and answers it. */
const herald = worker(
  parcels.createMachine({
    context: nothingHeard,
    on: {
      'parcel.order': {
        actions: enqueueActions(({ enqueue }) => {
          for (const name of ['left', 'right'])
            enqueue.emit({
              type: 'parcel.note',
              body: { text: name },
              to: { role: 'helper', conversation: name },
            })
          enqueue.emit({ type: 'parcel.done', body: { what: 'it' } })
        }),
      },
      'parcel.note': { actions: 'hear' },
    },
  }),
)

describe('a turn of a run that may send only so many messages', () => {
  it('sends and books them where there are enough', async () => {
    const { host, send, quotas, booked, answers, last } = await limited(3)
    await host({ behaviour: herald, quotas })
    await send(milk)
    expect(await booked()).toBe(3)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect((await last()).took.limit).toBeUndefined()
  })

  it('sends none of them where it would send more, says why, and which limit it was', async () => {
    const { host, send, quotas, booked, answers, mail, last } = await limited(2)
    await host({ behaviour: herald, quotas })
    await send(milk)
    expect(await answers()).toMatchObject([
      {
        type: 'failure',
        correlation: milk.id,
        body: { kind: 'exhausted', reason: expect.stringMatching(/no messages are left/) },
      },
    ])
    for (const frame of await mail({ kind: 'role', role: roleName('helper') }))
      expect(frame.headers['Skein-Type']).toBe('failure')
    expect((await last()).took.limit).toBe('messages')
    expect(await booked()).toBe(0)
  })

  it('tells its own machine, where that would have got the answer', async () => {
    const { host, send, quotas, journal } = await limited(0)
    await host({ behaviour: asker, quotas })
    await send(milk)
    const heard = (await journal(job)).at(-1)!.snapshot!.context as { heard: unknown[] }
    expect(heard.heard).toMatchObject([{ type: 'failure', body: { kind: 'exhausted' } }])
  })

  it('says that it is idle, and what failed, for nothing', async () => {
    const { host, send, quotas, booked, mail } = await limited(0)
    await host({ behaviour: herald, quotas })
    await send(message(note, { text: 'hello' }))
    const home = await mail(peer('origin-r1'))
    expect(home.map(({ headers }) => headers['Skein-Type'])).toEqual(['run.idle'])
    expect(await booked()).toBe(0)
  })

  it('gives back what it had booked for a commit that came too late', async () => {
    let racing = true
    const here = await limited(10, ({ name, key, client: who }) =>
      racing && who === 'worker-2' && name === 'records.append' && key === recordKey(job)
        ? { delayMs: 1_000 }
        : {},
    )
    await here.host({ behaviour: herald, peer: 'worker-2', quotas: here.quotas })
    await here.send(milk)
    expect(await here.booked()).toBe(3)
    // Somebody else takes the same order meanwhile, and parks the conversation.
    await here.host({ behaviour: herald, quotas: here.quotas })
    await here.send(milk, peer('worker-1'))
    expect(await here.booked()).toBe(6)
    racing = false
    await here.pass(10_000)
    expect(await here.booked()).toBe(3)
    expect(await here.answers()).toHaveLength(1)
  })

  /** The mailbox of helpers takes nothing that opens something. */
  async function crowded(messages: number) {
    const here = await limited(messages, undefined, { mailboxCapacity: 1 })
    const helpers: Mailbox = { kind: 'role', role: roleName('helper') }
    const inTheWay = codec.encode(message(note, { text: 'in the way' }))
    await here.settled(here.outside.mailboxes.put(helpers, inTheWay, { dedup: 'one', opens: true }))
    return here
  }

  it('gives back what full mailboxes refused', async () => {
    const { host, send, quotas, answers, booked } = await crowded(10)
    await host({ behaviour: herald, quotas })
    await send(milk)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(await booked()).toBe(1)
  })

  it('may send instead what a full mailbox refused', async () => {
    const { host, send, quotas, answers, booked } = await crowded(1)
    await host({ behaviour: asker, quotas })
    await send(milk)
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect(await booked()).toBe(1)
  })

  it('books what it says to a refusal, and fails where that is more than is left', async () => {
    const chatty = worker(
      parcels.createMachine({
        context: nothingHeard,
        on: {
          'parcel.order': {
            actions: parcels.emit({
              ...askingHelp,
            }),
          },
          failure: {
            actions: enqueueActions(({ enqueue }) => {
              for (const text of ['one', 'two'])
                enqueue.emit({
                  type: 'parcel.note',
                  body: { text },
                  to: { role: 'client', conversation: 'client' },
                })
            }),
          },
        },
      }),
    )
    const enough = await crowded(2)
    await enough.host({ behaviour: chatty, quotas: enough.quotas })
    await enough.send(milk)
    expect(await enough.mail(clients)).toHaveLength(2)
    expect(await enough.booked()).toBe(2)
    const short = await crowded(1)
    await short.host({ behaviour: chatty, quotas: short.quotas })
    await short.send(milk)
    expect((await short.mail(clients)).map(({ headers }) => headers['Skein-Type'])).toEqual([
      'failure',
      'failure',
    ])
    expect((await short.last()).took).toMatchObject({ limit: 'messages' })
    expect(await short.booked()).toBe(0)
  })
})
