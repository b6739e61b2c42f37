/** What the types of votes, debates and blackboards promise. Checked by `tsc`; nothing here runs. */
import { z } from 'zod'
import { debateAbout } from '../../protocols/debate.ts'
import { quorumVote } from '../../protocols/vote.ts'
import { defineBoard, type EntryOf } from '../../src/coordination/blackboard.ts'
import { type BoardContext, boardChange } from '../../src/coordination/blackboard-states.ts'
import { type DebateContext, debating } from '../../src/coordination/debate.ts'
import { everyone } from '../../src/coordination/neighbours.ts'
import { type BallotContext, balloting } from '../../src/coordination/quorum-vote.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { Incoming } from '../../src/turn/behaviour.ts'
import { type Equal, holds } from './holds.ts'

const release = quorumVote('release', {
  subject: z.object({ version: z.string() }),
  choice: z.enum(['ship', 'hold']),
})
type Release = typeof release.messages

// What is voted on and what may be chosen is inferred.
holds<Equal<Release['cast']['type'], 'release.cast'>>()
holds<Equal<Incoming<Release['cast']>['body'], { choice: 'ship' | 'hold' | null; reason: string }>>()
holds<Equal<BallotContext<typeof release>['ballot']['subject'], { version: string } | null>>()

const ballot = balloting(release, { closesInMs: 1_000 })
declare const voting: BallotContext<typeof release>
const { outcome } = ballot.open(voting, { subject: { version: '1' }, options: ['ship'], voters: [] }).ballot
if (outcome?.kind === 'decided') holds<Equal<typeof outcome.choice, 'ship' | 'hold'>>()

// @ts-expect-error an option that the vote does not have
ballot.open(voting, { subject: { version: '1' }, options: ['sink'], voters: [] })
// @ts-expect-error another subject
ballot.open(voting, { subject: { number: 1 }, options: ['ship'], voters: [] })
// @ts-expect-error a choice has to be text
quorumVote('release', { subject: z.string(), choice: z.number() })

const sum = debateAbout('sum', { question: z.string(), position: z.object({ answer: z.number() }) })
const debate = debating(sum, {
  ...{ rounds: 2, roundMs: 1_000, neighbours: everyone },
  keyOf: (position) => {
    holds<Equal<typeof position, { answer: number }>>()
    return String(position.answer)
  },
  judge: (standings) => standings[0]?.position ?? null,
})
declare const arguing: DebateContext<typeof sum>
holds<Equal<(typeof arguing.debate.standings)[number]['position'], { answer: number }>>()
debate.open(arguing, 'how many', [{ role: 'pupil' }])
// @ts-expect-error another question
debate.open(arguing, 7, [])
// @ts-expect-error a judgement that is no position
debating(sum, { rounds: 2, roundMs: 1_000, neighbours: everyone, judge: () => 'a' })

const stock = defineBoard('stock', z.object({ left: z.number() }))
holds<Equal<EntryOf<typeof stock>, { left: number }>>()
const take = boardChange(stock, { key: 'apples', change: (entry) => entry ?? undefined })
// @ts-expect-error what does not fit the board
boardChange(stock, { key: 'apples', change: () => ({ right: 1 }) })

const nobody = { context: () => newAgent({} as never) }

// A machine whose context lacks the piece's part does not compile, nor one that may not say what the piece says.
roleSetup<BallotContext<typeof release>, Release['cast'], Release['call']>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...ballot.none }),
  states: { ...ballot.states({ decided: 'over', undecided: 'over' }), over: {} },
})
roleSetup<AgentContext, Release['cast'], Release['call']>([]).createMachine({
  ...nobody,
  // @ts-expect-error no ballot in its context
  states: { ...ballot.states({ decided: 'over', undecided: 'over' }), over: {} },
})
roleSetup<BallotContext<typeof release>, Release['cast'], Release['cast']>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...ballot.none }),
  // @ts-expect-error it does not send the call
  states: { ...ballot.states({ decided: 'over', undecided: 'over' }), over: {} },
})
type Sum = typeof sum.messages
roleSetup<DebateContext<typeof sum>, Sum['position'], Sum['turn'] | Sum['over']>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...debate.none }),
  states: { ...debate.states({ found: 'done', undecided: 'done' }), done: {} },
})
roleSetup<DebateContext<typeof sum>, Sum['position'], Sum['turn']>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...debate.none }),
  // @ts-expect-error it does not say when it is over
  states: { ...debate.states({ found: 'done', undecided: 'done' }), done: {} },
})
roleSetup<BoardContext<typeof stock>, never, never>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...take.none }),
  states: { ...take.states({ written: 'done', left: 'done', gaveUp: 'done' }), done: {} },
})
roleSetup<AgentContext, never, never>([]).createMachine({
  ...nobody,
  // @ts-expect-error it holds no entry
  states: { ...take.states({ written: 'done', left: 'done', gaveUp: 'done' }), done: {} },
})
