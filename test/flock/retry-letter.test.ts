import { describe, expect, it } from 'vitest'
import { HEADER } from '../../protocols/envelope.ts'
import { peerId, roleName } from '../../protocols/ids.ts'
import { retryLetter } from '../../src/flock/retry-letter.ts'
import { encodeRun, type RunRecord, runKey } from '../../src/run/run-record.ts'
import { deadLetters } from '../../src/turn/dead-letters.ts'
import { virtualNetwork } from '../bus/memory/virtual.ts'
import { letter } from '../e2e/letter.ts'

const RESEARCHER = { kind: 'role', role: roleName('researcher') } as const

/** A letter that a researcher gave up, and who sends it again. */
async function buried(headers: Readonly<Record<string, string>> = {}) {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('people')
  const frame = letter(1, { headers })
  const why = { reason: 'no JSON', mailbox: RESEARCHER, by: peerId('researcher-1'), at: clock.now() }
  await deadLetters(bus.records).bury(frame, why)
  const list = () => deadLetters(bus.records).list()
  const [dead] = await list()
  return {
    bus,
    dead: dead!,
    list,
    retry: (one = dead!) => retryLetter(one, { bus, clock }),
    runIs: (state: RunRecord['state']) =>
      bus.records.append(runKey(runOfLetter.run), encodeRun({ ...runOfLetter, state }), 0),
  }
}

const runOfLetter = {
  format: 1,
  run: 'r-outside',
  goal: '',
  origin: 'origin-r-outside',
  base: null,
  documents: null,
  workspace: null,
  start: {
    role: 'researcher',
    message: { type: 'question.ask', protocol: 'question', version: 1, answeredBy: ['question.answer'] },
    answers: [{ type: 'question.answer', protocol: 'question', version: 1, answeredBy: [] }],
  },
  limits: null,
  prices: null,
  model: 'offline',
  sampled: false,
  startedAt: 0,
  deadline: 9_000_000_000_000,
  outcome: null,
  reason: null,
  endingAt: null,
  endedAt: null,
  writtenOff: null,
  root: { spanId: '' },
} as unknown as Omit<RunRecord, 'state'>

describe('a dead letter that is sent again', () => {
  it('is in its mailbox as another message that says the same, and no letter any more', async () => {
    const { bus, retry, list, runIs } = await buried()
    await runIs('open')
    await retry()
    const reader = await bus.mailboxes.reader(RESEARCHER, { prefetch: 1 })
    const { frame } = (await reader.next(new AbortController().signal))!
    const old = letter(1, {})
    expect(frame.body).toEqual(old.body)
    expect(frame.headers[HEADER.id]).toMatch(/^r-outside\/retry-[0-9a-f]{16}>r-outside\/inquiry-1#1$/)
    expect(frame.headers[HEADER.type]).toBe(old.headers[HEADER.type])
    expect(await list()).toEqual([])
  })

  it.each<[string, Readonly<Record<string, string>>, RunRecord['state'], RegExp]>([
    ['is over', {}, 'over', /run "r-outside" is over/],
    ['is about to end', {}, 'ending', /run "r-outside" is over/],
    ['goes on, past its own deadline', { [HEADER.deadline]: '0' }, 'open', /its deadline was 1970-01-01/],
  ])('stays one where its run %s', async (_, headers, state, why) => {
    const { bus, retry, list, runIs } = await buried(headers)
    await runIs(state)
    const retrying = retry()
    await expect(retrying).rejects.toMatchObject({ code: 'flock.retry' })
    await expect(retrying).rejects.toThrow(why)
    expect(await list()).toHaveLength(1)
    expect(await bus.mailboxes.waiting()).toEqual([])
  })

  it('stays one where its body was not kept', async () => {
    const { retry, dead, list } = await buried()
    await expect(retry({ ...dead, body: null })).rejects.toThrow(/too large to be kept/)
    expect(await list()).toHaveLength(1)
  })

  it('is sent as it came where its envelope says nothing', async () => {
    const { bus, retry } = await buried({ [HEADER.from]: 'nobody' })
    await retry()
    expect(await bus.mailboxes.waiting()).toEqual([{ mailbox: RESEARCHER, depth: 1 }])
  })
})
