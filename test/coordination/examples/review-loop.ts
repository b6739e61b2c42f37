import { assign, emit } from 'xstate'
import { z } from 'zod'
import {
  type AuthorAccepts,
  type AuthorContext,
  type AuthorSends,
  agentStates,
  authoring,
  defineProtocol,
  newAgent,
  type ReviewContext,
  type ReviewerAccepts,
  type ReviewerSends,
  reviewing,
  reviewLoop,
  roleSetup,
} from '../../../src/index.ts'

const essay = reviewLoop('essay', { work: z.object({ text: z.string() }), finding: z.string() })
type Essay = typeof essay

const press = defineProtocol(
  'press',
  1,
  { order: z.object({ about: z.string() }), print: z.object({ text: z.string() }) },
  { order: ['print'] },
)

// The author: its model writes, and hears what the critic found; after three rounds it gives up.
const author = authoring(essay, { rounds: 3, verdictMs: 120_000 })
const draft = { type: 'draft', body: z.object({ text: z.string() }) }

export const writer = roleSetup<
  AuthorContext<Essay>,
  typeof press.messages.order | AuthorAccepts<Essay>,
  typeof press.messages.print | AuthorSends<Essay>
>([draft]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...author.none }),
  initial: 'idle',
  states: {
    idle: { on: { 'press.order': { target: 'thinking', actions: 'hear' } } },
    ...agentStates({ answered: 'drafted', gaveUp: 'failed' }),
    drafted: {
      always: {
        target: 'submitting',
        actions: assign(({ context }) =>
          author.submit(context, draft.body.parse(context.answer?.body), { role: 'critic' }),
        ),
      },
    },
    ...author.states({ approved: 'printing', revise: 'thinking', unapproved: 'failed' }),
    printing: {
      type: 'final',
      entry: emit(({ context }) => ({ type: 'press.print', body: context.submitted.work! })),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

// The critic: its model says what it finds. What was seen goes into the verdict by itself.
const critic = reviewing(essay)
const verdict = { type: 'verdict', body: z.object({ findings: z.array(z.string()) }) }

export const reviewer = roleSetup<ReviewContext<Essay>, ReviewerAccepts<Essay>, ReviewerSends<Essay>>([
  verdict,
]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...critic.none }),
  initial: 'unsubmitted',
  states: {
    ...critic.states({ submitted: 'thinking' }),
    ...agentStates({ answered: 'judging', gaveUp: 'failed' }),
    judging: {
      entry: assign(({ context }) => critic.find(context, verdict.body.parse(context.answer?.body).findings)),
      always: [
        { guard: ({ context }) => context.review.findings.length === 0, target: 'approving' },
        { target: 'revising' },
      ],
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})
