/** A comparison is worth something only while both sides do the same work for the server. */
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { expect, onTestFinished, test } from 'vitest'
import { openCourt } from '../../bench/bare-court.ts'
import { bareOtherEnd, bareSide } from '../../bench/bare-side.ts'
import { messagesOf } from '../../bench/side.ts'
import { measureSizes } from '../../bench/sizes.ts'
import { skeinOtherEnd, skeinSide } from '../../bench/skein-side.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import { startNatsServer } from '../nats-server.ts'

const TOKEN = 'bench'
const [RALLIES, HITS] = [3, 4]

test('both sides of the bench make the same durable writes', async () => {
  const { url, stop } = await startNatsServer({ token: TOKEN })
  onTestFinished(stop)
  const server = { url, token: TOKEN }
  const sizes = await measureSizes(HITS)
  const bus = await natsBus(server)
  const skein = { other: await skeinOtherEnd(bus), side: await skeinSide(bus) }
  const bare = {
    other: await bareOtherEnd(await openCourt(server), sizes),
    side: await bareSide(await openCourt(server), sizes),
  }

  for (const { side, other } of [skein, bare]) {
    await side.play(RALLIES, HITS)
    await side.leave()
    await other.leave()
  }
  await bus.close()

  const nats = await connect({ servers: url, token: TOKEN })
  const { streams } = await jetstreamManager(nats)
  const stored = async (stream: string) => (await streams.info(stream)).state
  const [mail, records] = [await stored('SKEIN_MAIL'), await stored('SKEIN_RECORDS')]
  const [bareMail, bareRecords] = [await stored('BARE_MAIL'), await stored('BARE_RECORDS')]
  await nats.close()
  expect(mail.last_seq).toBe(messagesOf(RALLIES, HITS))
  expect(bareMail.last_seq).toBe(mail.last_seq)
  expect(bareRecords.last_seq).toBe(records.last_seq)
  expect(bareRecords.bytes / records.bytes).toBeCloseTo(1, 1)
})
