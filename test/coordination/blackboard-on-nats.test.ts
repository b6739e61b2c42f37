import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { runId } from '../../protocols/ids.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import { changeEntry, defineBoard, entryHistory, readEntry } from '../../src/coordination/blackboard.ts'
import { startNatsServer } from '../nats-server.ts'

const run = runId('r1')
const tally = defineBoard('tally', z.number())

it('loses no raise on NATS, where several raise a number at once (BB1)', async () => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  const buses = await Promise.all(Array.from({ length: 4 }, () => natsBus({ url: server.url })))
  onTestFinished(async () => void (await Promise.all(buses.map((bus) => bus.close()))))
  const times = 5

  await Promise.all(
    buses.map(async ({ records }, index) => {
      for (let call = 1; call <= times; call++) {
        let current = await readEntry(records, tally, run, 'all')
        for (let tries = 1; ; tries++) {
          const { value, revision } = current
          const change = { ...{ run, key: 'all', revision, by: `b${index}` }, value: (value ?? 0) + 1 }
          const outcome = await changeEntry(records, tally, { ...change, call: `${call}.${tries}` })
          if (outcome.kind === 'written') break
          current = outcome.current
        }
      }
    }),
  )

  const history = await entryHistory(buses[0]!.records, tally, run, 'all')
  expect(history.map(({ value }) => value)).toEqual(
    Array.from({ length: buses.length * times }, (_, index) => index + 1),
  )
})
