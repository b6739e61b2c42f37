/** That each fault is really in its run: what was planted, read off the story. And what is true of each faulty run. */
import { describe, expect, it } from 'vitest'
import { SKEIN } from '../../traces/names.ts'
import type { Conversation, Effect, Message, Story } from '../../traces/read/story.ts'
import { storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import { eachOther, roundOfThree } from './faults/cycle-of-waits.ts'
import { deliveredBroken, releasedAllTheSame } from './faults/failed-verification.ts'
import type { PlantedFault } from './faults/fault.ts'
import { changeOfPlan, keptForNever } from './faults/ignored-input.ts'
import { plantedFaults } from './faults/index.ts'
import { changedAfterTheCheck, neverChecked } from './faults/no-verification.ts'
import { killedAtWork, killedTwice } from './faults/peer-died.ts'
import { handedBack, sameDraft } from './faults/ping-pong.ts'
import { impatient, oneTooFew } from './faults/premature-end.ts'
import { spentBeforeTheLast, spentByOne } from './faults/quota-starvation.ts'
import { repeatedReply, repeatedRound, repeatedSearch } from './faults/repeated-steps.ts'
import { neverConcludes, untilTheDeadline, worksOn } from './faults/unaware-of-termination.ts'
import { allBusy, nobodyThere } from './faults/unclaimed-task.ts'
import { goneBefore } from './faults/unheard-input.ts'

/** Each is run once and read by all that is said of it. */
const runs = new Map<PlantedFault, ReturnType<PlantedFault['run']>>()
function ran(fault: PlantedFault) {
  if (!runs.has(fault)) runs.set(fault, fault.run())
  return runs.get(fault)!
}

async function told(fault: PlantedFault): Promise<Story> {
  const { spans } = await ran(fault)
  return storyOf(traceTree(spans))
}

function conversation(story: Story, id: string): Conversation {
  const found = story.conversations.find((one) => one.id === id)
  if (found === undefined) throw new Error(`there is no conversation "${id}"`)
  return found
}

const said = (attribute: string, { node }: Effect | Message) => node.span.attributes[attribute]
const chats = ({ effects }: Conversation) => effects.filter(({ kind }) => kind === 'chat')
const tools = ({ effects }: Conversation, name?: string) =>
  effects.filter((effect) => effect.kind === 'tool' && (name === undefined || effect.name === name))
const sent = (story: Story, type: string) => story.messages.filter((message) => message.type === type)
const sentAt = (story: Story, type: string) => sent(story, type)[0]!.sentMs
const distinct = (values: readonly unknown[]) => new Set(values).size
/** When the origin got what the run is for. */
const answeredAt = (story: Story) =>
  conversation(story, 'origin').turns.find(({ from, to }) => from === 'waiting' && to === 'done')!.node
    .startMs
/** How often each value stands. */
const counts = (values: readonly unknown[]) =>
  Object.fromEntries(
    [...new Set(values)].map((value) => [String(value), values.filter((one) => one === value).length]),
  )

describe('steps are repeated', () => {
  it('by a reporter: nine searches, one input, one output', async () => {
    const searches = tools(conversation(await told(repeatedSearch), 'text'), 'search_archive')
    expect(searches).toHaveLength(9)
    for (const digest of [SKEIN.inputDigest, SKEIN.outputDigest])
      expect(distinct(searches.map((search) => said(digest, search)))).toBe(1)
  })

  it('by a reader of invoices: four times the same reply, and its conversation comes to nothing', async () => {
    const story = await told(repeatedReply)
    const replies = chats(conversation(story, 'invoice-a-18'))
    expect(replies).toHaveLength(4)
    expect(distinct(replies.map((reply) => said(SKEIN.outputDigest, reply)))).toBe(1)
    expect(chats(conversation(story, 'invoice-a-17'))).toHaveLength(1)
  })

  it('by a sorter: two calls, seven times over', async () => {
    const calls = tools(conversation(await told(repeatedRound), 'goal'))
    expect(Object.values(counts(calls.map((one) => said(SKEIN.inputDigest, one))))).toEqual([7, 7])
    expect(distinct(calls.map((one) => said(SKEIN.outputDigest, one)))).toBe(2)
  })
})

describe('one thing goes back and forth', () => {
  it('between two departments, until the hops are gone', async () => {
    const story = await told(handedBack)
    const transfers = sent(story, 'helpdesk.transfer')
    expect(transfers.length).toBeGreaterThan(10)
    expect(distinct(transfers.map((one) => said(SKEIN.bodyDigest, one)))).toBe(1)
    expect(story.over).toMatchObject({
      outcome: 'exhausted',
      reason: expect.stringContaining('no hops were left'),
    })
  })

  it('between a poet and a critic, until the deadline', async () => {
    const story = await told(sameDraft)
    for (const type of ['verse.look', 'verse.remarks']) {
      expect(sent(story, type).length).toBeGreaterThan(8)
      expect(distinct(sent(story, type).map((one) => said(SKEIN.bodyDigest, one)))).toBe(1)
    }
    expect(story.over?.outcome).toBe('exhausted')
  })
})

describe('somebody does not know when to end', () => {
  it('a surveyor who asks its model after it has answered', async () => {
    const story = await told(worksOn)
    const answered = sentAt(story, 'hill.measured')
    const after = chats(conversation(story, 'side-north')).filter(({ node }) => node.startMs > answered)
    expect(after.length).toBeGreaterThan(6)
    expect(distinct(after.map((one) => said(SKEIN.outputDigest, one)))).toBe(after.length)
  })

  it.each([
    ['until it has made all the calls that it may', neverConcludes, 'failed', 60],
    ['until the deadline', untilTheDeadline, 'exhausted', 25],
  ])('an auditor, %s', async (_, fault, outcome, atLeast) => {
    const story = await told(fault)
    const goal = conversation(story, 'goal')
    expect(chats(goal).length).toBeGreaterThanOrEqual(atLeast)
    expect(distinct(tools(goal).map((one) => said(SKEIN.inputDigest, one)))).toBe(tools(goal).length)
    expect(story.over?.outcome).toBe(outcome)
    expect(sent(story, 'accounts.opinion')).toEqual([])
  })
})

describe('what somebody said is not used', () => {
  it.each([
    ['a verdict', keptForNever, 'opinion-page.verdict'],
    ['a change of plan', changeOfPlan, 'travel.change'],
  ])('%s, which is kept until its conversation is over', async (_, fault, type) => {
    const story = await told(fault)
    const { taker } = sent(story, type)[0]!
    expect(taker?.disposition).toBe('deferred')
    expect(taker?.conversation.outcome).toBe('done')
    // No turn after it took it: it stands in none of the prompts, since the one call was made before.
    expect(chats(taker!.conversation).filter(({ turn }) => turn.number > taker!.number)).toEqual([])
    expect(story.over?.outcome).toBe('completed')
  })

  it('an advice, which comes when its asker is gone', async () => {
    const story = await told(goneBefore)
    expect(sent(story, 'chambers.advice')[0]!.taker).toMatchObject({ from: 'done', disposition: 'late' })
    expect(sentAt(story, 'chambers.memo')).toBeLessThan(sentAt(story, 'chambers.advice'))
    expect(sentAt(story, 'chambers.advice')).toBeLessThan(answeredAt(story))
  })
})

/** Of a conversation, what it did to its tree, and what a check of it said. */
const workOn = (story: Story, id: string) =>
  tools(conversation(story, id)).flatMap((tool) => {
    const check = said(SKEIN.check, tool)
    if (check !== undefined) return [`${said(SKEIN.treeBefore, tool) as string} ${check as string}`]
    const tree = said(SKEIN.tree, tool)
    return tree === undefined ? [] : [`${tree as string} written`]
  })
const wordsOf = (work: readonly string[]) => work.map((line) => line.split(' ')[1])

describe('work is delivered that nobody verified', () => {
  it('by a writer who checks nothing', async () => {
    const story = await told(neverChecked)
    expect(wordsOf(workOn(story, 'goal'))).toEqual(['written', 'written'])
    expect(story.over?.outcome).toBe('completed')
  })

  it('by an author who changes a page after its check, beside one who does not', async () => {
    const story = await told(changedAfterTheCheck)
    const careful = ['written', 'failed', 'written', 'passed']
    expect(wordsOf(workOn(story, 'grammar'))).toEqual(careful)
    expect(wordsOf(workOn(story, 'style'))).toEqual([...careful, 'written'])
    expect(distinct(workOn(story, 'style').map((line) => line.split(' ')[0]))).toBe(3)
  })
})

describe('work is delivered whose check failed', () => {
  it('by who did it, after another check had passed', async () => {
    const story = await told(deliveredBroken)
    expect(wordsOf(workOn(story, 'goal'))).toEqual(['written', 'passed', 'written', 'failed'])
    expect(story.over?.outcome).toBe('completed')
  })

  it('by who releases it, though a tester told', async () => {
    const story = await told(releasedAllTheSame)
    const [written] = workOn(story, 'build-1')
    expect(workOn(story, 'test-1')).toEqual([written!.replace('written', 'failed')])
    expect(story.over).toMatchObject({ outcome: 'completed', reason: 'built and tested' })
  })
})

describe('a run is answered too early', () => {
  it.each([
    ['with one part too few', oneTooFew, 'dish-cake'],
    ['out of impatience, by somebody in the middle', impatient, 'match-island'],
  ])('%s', async (_, fault, part) => {
    const story = await told(fault)
    const asked = story.messages.find(({ toConversation }) => toConversation === part)!
    expect(asked.awaits).toBe(true)
    const answer = story.messages.find(({ answers }) => answers === asked.id)
    expect(answer?.taker?.disposition).toBe('late')
    expect(answer!.sentMs).toBeGreaterThan(answeredAt(story))
    expect(story.over?.outcome).toBe('completed')
  })
})

describe('a task is not taken in time', () => {
  it('where nobody is of its role', async () => {
    const story = await told(nobodyThere)
    expect(conversation(story, 'in-finnish').turns.map(({ event }) => event)).toEqual(['ended'])
    const failures = conversation(story, 'goal').turns.flatMap(({ failure }) => failure ?? [])
    expect(failures).toEqual(['no-peer'])
  })

  it('where everybody of its role is busy', async () => {
    const story = await told(allBusy)
    for (const id of ['sample-b', 'sample-c']) {
      const { node } = story.messages.find(({ toConversation }) => toConversation === id)!
      const [taken] = conversation(story, id).turns
      expect(taken!.node.startMs).toBeGreaterThan(node.span.attributes[SKEIN.deadline] as number)
    }
    const failures = conversation(story, 'goal').turns.flatMap(({ event, failure, from }) =>
      event === 'failure' && from === 'gathering' ? [failure] : [],
    )
    expect(failures).toEqual(['timeout', 'timeout'])
  })
})

describe('some wait for each other', () => {
  it('two, each of whom needs what the other will not say', async () => {
    const story = await told(eachOther)
    const [price] = sent(story, 'bazaar.price')
    const [budget] = sent(story, 'bazaar.budget')
    expect([price!.awaits, budget!.awaits]).toEqual([true, true])
    expect([price!.toConversation, budget!.toConversation]).toEqual(['stall', 'goal'])
    expect(budget!.taker?.disposition).toBe('deferred')
    expect(conversation(story, 'goal').turns.map(({ failure }) => failure)).toContain('timeout')
  })

  it('three, in a round', async () => {
    const story = await told(roundOfThree)
    const waits = sent(story, 'permits.sight').map(({ sender, toConversation, awaits }) => [
      sender!.conversation.id,
      toConversation,
      awaits,
    ])
    expect(waits).toEqual([
      ['goal', 'file-fire', true],
      ['file-fire', 'file-water', true],
      ['file-water', 'file-heritage', true],
      ['file-heritage', 'file-fire', true],
    ])
    expect(sent(story, 'permits.seen')).toEqual([])
    expect(conversation(story, 'file-fire').turns.map(({ failure }) => failure)).toContain('timeout')
  })
})

describe('a process dies', () => {
  it('in the middle of a tool, which its adopter runs again', async () => {
    const story = await told(killedAtWork)
    expect(story.takeovers.map(({ conversation: { id } }) => id)).toEqual(['at-hill'])
    expect(story.effects.filter(({ attempt }) => attempt > 1).map(({ name }) => name)).toEqual(['read_gauge'])
    expect(story.over?.outcome).toBe('completed')
  })

  it('and its adopter after it', async () => {
    const story = await told(killedTwice)
    expect(story.takeovers.map(({ conversation: { id } }) => id)).toEqual(['goal', 'goal'])
    expect(tools(conversation(story, 'goal'), 'transfer_money').map(({ error }) => error)).toEqual([
      'effect.died',
    ])
    expect(story.over?.outcome).toBe('completed')
  })
})

describe('one spends what another needs', () => {
  it.each([
    ['so that neither gets through', spentByOne, ['on-tides'], []],
    ['after one got through', spentBeforeTheLast, ['on-mosses'], ['on-ferns']],
  ])('%s', async (_, fault, starved, fed) => {
    const story = await told(fault)
    const spent = (id: string) =>
      conversation(story, id).effects.reduce((sum, { outputTokens }) => sum + outputTokens, 0)
    const spender = fault.blame[0]!
    for (const id of starved) {
      expect(conversation(story, id).effects.map(({ error }) => error)).toContain('quota.exhausted')
      expect(spent(spender)).toBeGreaterThan(10 * spent(id))
    }
    for (const id of fed)
      expect(
        story.messages.some(({ sender, type }) => sender?.conversation.id === id && type === 'study.finding'),
      ).toBe(true)
  })
})

describe('each faulty run', () => {
  it.each(plantedFaults)('is one tree, in which stands who is to blame: $name', async (fault) => {
    const { blame, innocent = [] } = fault
    const tree = traceTree((await ran(fault)).spans)
    expect({ roots: tree.roots.length, orphans: tree.orphans }).toEqual({ roots: 1, orphans: [] })
    const ids = storyOf(tree).conversations.map(({ id }) => id)
    expect(blame.filter((id) => ids.includes(id))).not.toEqual([])
    expect(innocent.filter((id) => !ids.includes(id) || blame.includes(id))).toEqual([])
  })
})
