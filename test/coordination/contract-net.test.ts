import { describe, expect, it } from 'vitest'
import { failure } from '../../protocols/failure.ts'
import { conversationId, messageId, peerId, roleName, runId } from '../../protocols/ids.ts'
import { lowest, type TenderContext, tendering } from '../../src/coordination/contract-net.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { type Simulation, type SimulationOptions, simulate } from '../../src/simulation/world.ts'
import { seededRandom, systemRandom } from '../../src/time/random.ts'
import { contextsOf, sentIn } from './journal.ts'
import { type ShopOptions, translate, translatorsFlock } from './translators.ts'

const { storm, none } = PROFILES
/** Drawn each time: a failure names its seed. */
const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
const SEEDS = Number(process.env.SEEDS ?? 1)

type Context = TenderContext<typeof translate>

const three = [{ role: 'translator' }, { role: 'translator', peer: 'translator-2' }, { role: 'translator' }]
const everybody = [...three, { role: 'shy' }, { role: 'mute' }]
/** Longer than any storm. */
const PATIENT_MS = 600_000

const flockOf = (bidders: typeof everybody, options: Partial<ShopOptions> = {}) =>
  translatorsFlock(bidders, { replyByMs: PATIENT_MS, ...options })

const DELIVERED = { kind: 'answer', type: 'shop.delivery', body: { text: 'HELLO', cents: 70 } }

/** What of the contract net does not hold in a world. */
function breachesOf({ journal }: Simulation): string[] {
  const accepted = sentIn(journal, 'translate.accept-proposal').map(({ to }) => to.conversation)
  const rejected = sentIn(journal, 'translate.reject-proposal').map(({ to }) => to.conversation)
  const bids = sentIn(journal, 'translate.propose')
  const tenders = contextsOf<Context>(journal, 'shopkeeper').map(({ tender }) => tender)
  const decided = tenders.filter(({ contractor }) => contractor !== null)
  const [first] = decided
  const best = first?.replies
    .flatMap((reply) => (reply.kind === 'bid' ? [reply] : []))
    .toSorted((a, b) => a.offer.cents - b.offer.cents || (a.conversation < b.conversation ? -1 : 1))[0]
  const worked = journal.filter(({ effects }) => effects.length > 0).map(({ conversation }) => conversation)
  return [
    ...(first !== undefined && first.replies.length < first.bidders.length
      ? ['CN4: an award before all have replied, or are late']
      : []),
    ...(accepted.length > 1 ? [`CN1: ${accepted.length} awards`] : []),
    ...(decided.some(({ replies }) => replies.length !== first!.replies.length)
      ? ['CN2: a bid after the award']
      : []),
    ...(first?.contractor?.conversation === best?.conversation ? [] : ['CN4: not the best bid']),
    ...bids
      .map(({ from }) => [from.conversation, [...accepted, ...rejected]] as const)
      .filter(([bidder, told]) => told.filter((one) => one === bidder).length !== 1)
      .map(([bidder]) => `CN5: ${bidder} bid and was not told once what became of it`),
    ...worked.filter((one) => !accepted.includes(one)).map((one) => `CN8: ${one} works without an award`),
  ]
}

type Kind = Omit<SimulationOptions, 'seed' | 'profile'> & { readonly outputs: readonly unknown[] }

const KINDS: Readonly<Record<string, (seed: number) => Kind>> = {
  'that waits for all bids awards the best one': () => ({
    flock: flockOf([...three, { role: 'shy' }]),
    outputs: [DELIVERED],
  }),
  'that hardly waits awards one or none': () => ({
    flock: flockOf(everybody, { replyByMs: 1_500, workMs: 8_000 }),
    outputs: [
      expect.objectContaining({ type: 'shop.delivery' }),
      expect.objectContaining({ kind: 'failure' }),
    ],
  }),
  'to which nobody comes fails': () => ({
    flock: flockOf([{ role: 'shy' }, { role: 'mute' }], { replyByMs: 30_000 }),
    outputs: [expect.objectContaining({ kind: 'failure' })],
  }),
  'that is called off at any moment ends all the same': (seed) => ({
    flock: flockOf(three, { patienceMs: 1 + Math.floor(seededRandom(seed).fork('patience').next() * 8_000) }),
    outputs: [DELIVERED, expect.objectContaining({ kind: 'failure' })],
  }),
}

describe.each([
  ['fixed seeds', 1, 2],
  ['fresh seeds', FRESH, SEEDS],
])('in a storm, of %s, from %d, a call', (_, first, seeds) => {
  it.each(Object.entries(KINDS))('%s', { timeout: 600_000 }, async (_, kindOf) => {
    for (let seed = first; seed < first + seeds; seed++) {
      const { outputs, ...world } = kindOf(seed)
      const run = await simulate({ seed, profile: storm, ...world })
      expect(run.breach, `seed ${seed}`).toBeUndefined()
      expect(breachesOf(run), `seed ${seed}`).toEqual([])
      expect(outputs, `seed ${seed}`).toContainEqual(run.output)
    }
  })
})

describe('in a calm world, a call', () => {
  const calmly = (flock: SimulationOptions['flock']) => simulate({ seed: 1, profile: none, flock })
  const failureIn = async (flock: SimulationOptions['flock']) => (await calmly(flock)).output

  it('gives the work to the cheapest, and of two to whoever was called first', async () => {
    const run = await calmly(flockOf(everybody, { replyByMs: 5_000 }))
    expect(run.output).toEqual(DELIVERED)
    const [accepted, ...more] = sentIn(run.journal, 'translate.accept-proposal')
    expect(accepted?.to.conversation).toMatch(/-b2$/)
    expect(more).toEqual([])
  })

  it('has its award go to the peer that bid', async () => {
    const { journal } = await calmly(flockOf(three))
    const [bid] = sentIn(journal, 'translate.propose').filter(({ from }) => from.conversation.endsWith('-b2'))
    const mailboxes = journal.flatMap(({ outbox }) =>
      outbox.flatMap(({ message, mailbox }) =>
        message.type === 'translate.accept-proposal' ? [mailbox] : [],
      ),
    )
    expect(mailboxes[0]).toEqual({ kind: 'peer', peer: bid!.from.peer })
  })

  it('fails where nobody was called', async () => {
    const reason = 'nobody was called'
    expect(await failureIn(flockOf([]))).toEqual({ kind: 'failure', failure: 'refused', reason })
  })

  it('fails where nobody bids, and says of each why (CN3)', async () => {
    const output = await failureIn(flockOf([{ role: 'shy' }, { role: 'mute' }], { replyByMs: 5_000 }))
    expect(output).toMatchObject({ kind: 'failure', failure: 'refused' })
    expect(output).toMatchObject({
      reason: expect.stringMatching(/-b1: it refused: I would rather not; .*-b2: timeout/),
    })
  })

  it('says that it was a timeout where all are silent', async () => {
    const silent = flockOf([{ role: 'mute' }, { role: 'mute' }], { replyByMs: 5_000 })
    expect(await failureIn(silent)).toMatchObject({ kind: 'failure', failure: 'timeout' })
  })

  it('rejects every bid where none is good enough', async () => {
    const run = await calmly(flockOf(three, { most: 50 }))
    expect(run.output).toMatchObject({ kind: 'failure', failure: 'refused' })
    expect(sentIn(run.journal, 'translate.reject-proposal')).toHaveLength(3)
    expect(sentIn(run.journal, 'translate.accept-proposal')).toEqual([])
  })

  it('calls off a contractor that is late', async () => {
    const run = await calmly(flockOf(three, { workMs: 1 }))
    expect(run.output).toMatchObject({ kind: 'failure', failure: 'timeout' })
    const [accepted] = sentIn(run.journal, 'translate.accept-proposal')
    expect(sentIn(run.journal, 'translate.cancel').map(({ to }) => to)).toEqual([accepted!.to])
    expect(breachesOf(run)).toEqual([])
  })

  it('that is called off in the middle of the work fails as cancelled (CN9)', async () => {
    const { journal } = await calmly(flockOf(three))
    const [accepted] = sentIn(journal, 'translate.accept-proposal')
    const opened = journal.find(({ role }) => role === 'shopkeeper')!.at
    const run = await calmly(flockOf(three, { patienceMs: accepted!.sentAt - opened + 1 }))
    expect(sentIn(run.journal, 'translate.cancel')).toHaveLength(1)
    expect(sentIn(run.journal, 'translate.inform')).toEqual([])
    expect(breachesOf(run)).toEqual([])
    expect(run.output).toMatchObject({ kind: 'failure', failure: 'cancelled' })
  })
})

describe('the replies to a call', () => {
  const run = runId('r1')
  const tender = tendering(translate, { replyByMs: 1_000, choose: lowest(({ cents }) => cents) })
  const input = { run, conversation: conversationId(run, 'goal'), name: 'goal', wiring: 'peers' as const }
  const context: Context = { ...newAgent(input), ...tender.none }
  const given = (before: Context, change: Partial<Context>): Context => ({ ...before, ...change })
  const called = given(context, tender.call(context, { text: 'hello' }, three))

  const idOf = (name: string) => messageId(conversationId(run, name), conversationId(run, 'goal'), 1)
  const fromOf = (name: string) => ({
    role: roleName('translator'),
    peer: peerId('translator-7'),
    conversation: conversationId(run, name),
  })
  const bid = (name: string, cents: number) =>
    ({ type: 'translate.propose', body: { offer: { cents } }, id: idOf(name), from: fromOf(name) }) as const
  const silence = (name: string) =>
    ({
      type: failure.messages.failure.type,
      body: {
        kind: 'timeout',
        reason: 'no answer',
        of: messageId(input.conversation, conversationId(run, name), 1),
      },
    }) as const

  const replies = (...events: Parameters<typeof tender.heard>[1][]) =>
    events.reduce((before, event) => given(before, tender.heard(before, event)), called)

  it('are of those who were called, one each', () => {
    const { tender: heard } = replies(
      bid('goal-b1', 5),
      bid('goal-b1', 4),
      bid('stranger', 3),
      silence('goal-b3'),
    )
    expect(heard.replies.map(({ conversation, kind }) => [conversation, kind])).toEqual([
      ['goal-b1', 'bid'],
      ['goal-b3', 'failure'],
    ])
  })

  it('say by what they answer whose they are, also where a bidder gives up by itself', () => {
    const gaveUp = {
      ...{ type: 'failure' as const, id: idOf('goal-b2'), from: fromOf('goal-b2') },
      correlation: messageId(input.conversation, conversationId(run, 'goal-b2'), 1),
      body: { kind: 'error' as const, reason: 'no idea', of: null },
    }
    expect(replies(gaveUp).tender.replies).toEqual([
      { kind: 'failure', conversation: 'goal-b2', why: 'error', reason: 'no idea' },
    ])
  })

  it('come to the same choice in any order (CN4)', () => {
    const one = replies(bid('goal-b3', 5), bid('goal-b1', 5), bid('goal-b2', 6))
    const other = replies(bid('goal-b1', 5), bid('goal-b2', 6), bid('goal-b3', 5))
    expect(tender.chosen(one)).toEqual(tender.chosen(other))
    expect(tender.chosen(one)).toMatchObject({ bidder: { conversation: 'goal-b1', peer: 'translator-7' } })
  })

  it('leave nothing to choose where there is no bid', () => {
    expect(tender.chosen(replies(silence('goal-b1')))).toBeUndefined()
  })

  it('of an earlier call are no replies to the next', () => {
    const before = replies(bid('goal-b1', 5))
    const again = given(before, tender.call(before, { text: 'bye' }, three))
    expect(again.tender.bidders.map(({ conversation }) => conversation)).toEqual([
      'goal-b4',
      'goal-b5',
      'goal-b6',
    ])
    expect(tender.heard(again, bid('goal-b2', 1))).toEqual({})
  })
})
