import { expect, it, onTestFinished } from 'vitest'
import { conversationId, messageId, peerId, roleName, runId } from '../../protocols/ids.ts'
import { silentLog } from '../../src/log.ts'
import { seededRandom } from '../../src/time/random.ts'
import { deadLetters } from '../../src/turn/dead-letters.ts'
import { createIntake } from '../../src/turn/intake.ts'
import { createMeasures } from '../../src/turn/measures.ts'
import { createTrials } from '../../src/turn/trials.ts'
import { quiet } from '../bus/memory/virtual.ts'
import { codec, world } from './hosting.ts'
import { message, nothingHeard, order, parcels, worker } from './stage.ts'

it('takes no more work than there is room for, where some lies on its desk and some with its role', async () => {
  const { clock, network, send, settled } = world()
  const { mailboxes, records } = network.connect('worker-1')
  const peer = peerId('worker-1')
  const taken: string[] = []
  const done: (() => void)[] = []
  const intake = createIntake({
    ...{ mailboxes, codec, clock, peer, log: silentLog, random: seededRandom(1), adopted: false },
    letters: deadLetters(records),
    measures: createMeasures(undefined, worker(parcels.createMachine({ context: nothingHeard }))),
    trials: createTrials(records),
    role: roleName('worker'),
    limit: 1,
    busy: () => 0,
    relay: { pass: async () => true, forward: async () => {}, giveBack: async () => {} },
    forbids: async () => undefined,
    isRouted: async () => true,
    async take(conversation) {
      taken.push(conversation)
      await new Promise<void>((resolve) => done.push(resolve))
      return undefined
    },
  })
  onTestFinished(async () => {
    intake.stop()
    for (const end of done) end()
    await settled(intake.stopped())
    await settled(intake.close())
  })
  const orderFor = (name: string) => {
    const to = conversationId(runId('r1'), name)
    const from = conversationId(runId('r1'), 'client')
    const about = { id: messageId(from, to, 1), to: { role: roleName('worker'), conversation: to } }
    return message(order, { what: name }, about)
  }
  await settled(intake.start())
  intake.openDesk()
  await quiet()
  await send(orderFor('first'))
  await send(orderFor('one'), { kind: 'desk', peer })
  await send(orderFor('other'))
  expect(taken).toEqual(['r1/first'])
  done.shift()!()
  await quiet()
  expect(taken).toHaveLength(2)
  done.shift()!()
  await quiet()
  expect(new Set(taken)).toEqual(new Set(['r1/first', 'r1/one', 'r1/other']))
  expect(taken).toHaveLength(3)
})
