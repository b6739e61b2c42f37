import { describe, expect, it } from 'vitest'
import type { Message } from '../../protocols/envelope.ts'
import {
  type ConversationId,
  conversationId,
  type MessageId,
  messageId,
  peerId,
  roleName,
  runId,
} from '../../protocols/ids.ts'
import { type GiverContext, handingOver } from '../../src/coordination/handoff.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { type Simulation, simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { escalate, helpdeskFlock } from './helpdesk.ts'
import { sentIn } from './journal.ts'

const { storm, none } = PROFILES
/** Drawn each time: a failure names its seed. */
const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
const SEEDS = Number(process.env.SEEDS ?? 1)

type Owed = Pick<Message, 'id' | 'slip'>

/**
 * Who owns the question, commit after commit (HO1): every conversation that owes its answer, or keeps the message
 * that would make it do so for later, and every such message that is under way. One, until it is answered.
 */
function breachesOf({ journal }: Simulation): string[] {
  const [asked] = sentIn(journal, 'support.ask')
  const isOwed = ({ id, slip }: Owed) =>
    id === asked!.id || slip.some(({ correlation }) => correlation === asked!.id)
  const lasts = new Map<ConversationId, ConversationRecord>()
  const underWay = new Map<MessageId, Message>()
  const taken = new Set<string>()
  const breaches: string[] = []
  let answers = 0
  for (const record of journal) {
    const before = lasts.get(record.conversation)
    lasts.set(record.conversation, record)
    if (record.took.id !== undefined) taken.add(record.took.id)
    underWay.delete(record.took.id as MessageId)
    for (const id of record.took.unsent ?? []) underWay.delete(id)
    if (record.turn === before?.turn) continue
    for (const { message } of record.outbox) {
      const isKept = before?.outbox.some(({ message: { id } }) => id === message.id) ?? false
      if (isKept || taken.has(message.id)) continue
      if (message.type !== 'failure' && isOwed(message)) underWay.set(message.id, message)
      if (message.correlation === asked!.id) answers++
    }
    if (underWay.size === 0 && answers === 0 && record.role === 'origin' && before === undefined) continue
    const owning = [...lasts.values()].flatMap(({ conversation, requests, deferred }) =>
      [...requests, ...deferred.flatMap(({ request }) => request ?? [])].some(isOwed) ? [conversation] : [],
    )
    const owners = owning.length + underWay.size
    if (owners !== (answers === 0 ? 1 : 0) || answers > 1)
      breaches.push(
        `HO1: ${owners} owners and ${answers} answers after ${record.took.event} of ${record.conversation}`,
      )
  }
  return breaches
}

const replyIn = ({ output }: Simulation) => (output?.kind === 'answer' ? output.body : output)
const by = (owners: number) => ({ text: 'yes', owners })

/** Longer than any storm. */
const PATIENT_MS = 600_000

const KINDS: Readonly<
  Record<string, { way: string[][]; offerMs: number; moves?: number; replies: unknown[] }>
> = {
  'that goes through three hands is answered by the third': {
    ...{ way: [['expert'], ['expert']], offerMs: PATIENT_MS, replies: [by(3)] },
  },
  'that the first will not have goes to the next': {
    ...{ way: [['shy', 'expert'], ['shy']], offerMs: PATIENT_MS, replies: [by(2)] },
  },
  'that is offered in haste is answered by whoever is left with it': {
    ...{ way: [['mute', 'expert', 'expert'], ['expert']], offerMs: 1_500, replies: [by(1), by(2), by(3)] },
  },
  'that moved too often stays where it is': {
    ...{ way: [['expert'], ['expert'], ['expert']], offerMs: PATIENT_MS, moves: 1, replies: [by(2)] },
  },
}

describe.each([
  ['fixed seeds', 1, 2],
  ['fresh seeds', FRESH, SEEDS],
])('in a storm, of %s, from %d, a question', (_, first, seeds) => {
  it.each(Object.entries(KINDS))('%s', { timeout: 600_000 }, async (_, { way, offerMs, moves, replies }) => {
    for (let seed = first; seed < first + seeds; seed++) {
      const run = await simulate({ seed, profile: storm, flock: helpdeskFlock(way, offerMs, moves) })
      expect(run.breach, `seed ${seed}`).toBeUndefined()
      expect(breachesOf(run), `seed ${seed}`).toEqual([])
      expect(replies, `seed ${seed}`).toContainEqual(replyIn(run))
    }
  })
})

describe('in a calm world, a question', () => {
  const calmly = (way: string[][], offerMs = 5_000) =>
    simulate({ seed: 1, profile: none, flock: helpdeskFlock(way, offerMs) })

  it('that nobody takes stays with its owner, which answers it (HO4)', async () => {
    const run = await calmly([['shy', 'mute']])
    expect(replyIn(run)).toEqual(by(1))
    expect(sentIn(run.journal, 'escalate.offer').map(({ to }) => to.role)).toEqual(['shy', 'mute'])
    expect(sentIn(run.journal, 'escalate.transfer')).toEqual([])
    expect(breachesOf(run)).toEqual([])
  })

  it('is offered to one after another, in the order given', async () => {
    const { journal } = await calmly([['shy', 'expert', 'expert']])
    expect(sentIn(journal, 'escalate.offer').map(({ to }) => to.role)).toEqual(['shy', 'expert'])
  })

  it('is answered straight to whoever asked, however many had it (HO5)', async () => {
    const run = await calmly([['expert'], ['expert'], ['expert']])
    expect(replyIn(run)).toEqual(by(4))
    const replies = sentIn(run.journal, 'support.reply')
    expect(replies.map(({ to }) => to.role)).toEqual(['origin'])
    expect(
      sentIn(run.journal, 'escalate.transfer').map(({ body }) => (body as { trail: string[] }).trail.length),
    ).toEqual([1, 2, 3])
  })

  it('that is handed to who is gone by then fails for whoever asked, once (HO5)', async () => {
    const run = await calmly([['fickle']])
    expect(replyIn(run)).toMatchObject({
      kind: 'failure',
      failure: 'refused',
      reason: 'the conversation is over',
    })
    expect(breachesOf(run)).toEqual([])
  })
})

describe('work that is to be handed over', () => {
  const run = runId('r1')
  const give = handingOver(escalate, { offerMs: 1_000, moves: 2 })
  const input = { run, conversation: conversationId(run, 'goal'), name: 'goal', wiring: 'peers' as const }
  const idle: GiverContext<typeof escalate> = { ...newAgent(input), ...give.none }
  const request = messageId(conversationId(run, 'origin'), input.conversation, 1)
  const work = { question: 'why?', way: [] }
  const given = (change: object) => ({ ...idle, ...change })
  const toTwo = (trail: string[]) =>
    given(give.give(idle, { request, trail }, work, [{ role: 'a' }, { role: 'b', peer: 'b-1' }]))
  const decline = (name: string) => ({
    ...{ type: 'escalate.decline' as const, body: { reason: 'no' } },
    id: messageId(conversationId(run, name), input.conversation, 1),
    from: { role: roleName('a'), peer: peerId('a-1'), conversation: conversationId(run, name) },
  })

  it('is offered to the first, and to the next when that one declines', () => {
    const first = toTwo([])
    expect(give.candidateOf(first)).toEqual({ role: 'a', conversation: 'goal-h1' })
    const second = given({ ...first, ...give.declined(first, decline('goal-h1')) })
    expect(give.candidateOf(second)).toEqual({ role: 'b', conversation: 'goal-h2', peer: 'b-1' })
    const nobody = given({ ...second, ...give.declined(second, decline('goal-h2')) })
    expect(give.candidateOf(nobody)).toBeUndefined()
  })

  it('has its owners on its trail, and is offered to nobody when they are too many (HO4)', () => {
    expect(toTwo(['x']).giving.trail).toEqual(['x', 'goal'])
    expect(give.candidateOf(toTwo(['x']))).toBeDefined()
    expect(give.candidateOf(toTwo(['x', 'y']))).toBeUndefined()
  })
})
