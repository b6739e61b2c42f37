import { expect, it } from 'vitest'
import { peerId, roleName } from '../../protocols/ids.ts'
import type { Mailbox } from '../../src/bus/mailboxes.ts'
import { routeOf } from '../../src/codec/route.ts'
import type { RunRecord } from '../../src/run/run-record.ts'
import type { OpenWay, Routing } from '../../src/turn/way.ts'
import { codec, peer, world } from './hosting.ts'
import { asker, client, message, note, order } from './stage.ts'

const desk: Mailbox = { kind: 'desk', peer: peerId('helper-1') }

/** Work goes to one desk, all else through one peer. */
const through: Routing = {
  applies: (_run): _run is RunRecord => true,
  ways: async (_, wanted) =>
    new Map(
      wanted.map(({ message: { id }, mailbox }): [typeof id, OpenWay] => [
        id,
        mailbox.kind === 'role'
          ? { mailbox: desk }
          : { mailbox, via: { kind: 'peer', peer: peerId('between-1') } },
      ]),
    ),
  pass: async (_, { to }) => ({ mailbox: to }),
  forbids: () => undefined,
}

it('is chosen as well for what is sent instead of something that a full desk refused', async () => {
  const { host, send, outside, settled, mail } = world(undefined, { mailboxCapacity: 1 })
  const inTheWay = codec.encode(
    message(note, { text: 'in the way' }, { to: { ...client, role: roleName('helper') } }),
  )
  await settled(outside.mailboxes.put(desk, inTheWay, { dedup: 'one', opens: true }))
  await host({ behaviour: asker, routing: through })
  await send(message(order, { what: 'milk' }))
  expect(await mail()).toEqual([])
  const passing = (await mail(peer('between-1'))).map((frame) => [
    codec.decode(frame).type,
    routeOf(frame)?.to,
  ])
  expect(passing).toEqual([['parcel.done', { kind: 'peer', peer: client.peer }]])
})
