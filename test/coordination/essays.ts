/**
 * A flock that writes essays: an author adds what its critic misses, until the critic approves. Some critics never do,
 * some approve what they have not seen, some never say a word.
 */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { reviewLoop } from '../../protocols/review-loop.ts'
import { digestOf } from '../../src/coordination/digest.ts'
import {
  type AuthorAccepts,
  type AuthorContext,
  type AuthoringOptions,
  type AuthorSends,
  authoring,
  type ReviewContext,
  type ReviewerAccepts,
  type ReviewerSends,
  reviewing,
} from '../../src/coordination/review-loop.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'

export const essay = reviewLoop('essay', { work: z.object({ text: z.string() }), finding: z.string() })
type Essay = typeof essay
const { submit, approve, revise } = essay.messages

const press = defineProtocol(
  'press',
  1,
  {
    /** `isStubborn`: whatever the critic says, the author changes nothing. */
    order: z.object({ critic: z.string(), isStubborn: z.boolean() }),
    print: z.object({
      text: z.string(),
      findings: z.array(z.array(z.string())),
      problem: z.string().nullable(),
    }),
  },
  { order: ['print'] },
)
const { order, print } = press.messages

const author = (options: AuthoringOptions) => {
  const piece = authoring(essay, options)
  type Context = AuthorContext<Essay> & {
    readonly text: string
    readonly critic: string
    readonly isStubborn: boolean
  }
  const machine = roleSetup<Context, typeof order | AuthorAccepts<Essay>, typeof print | AuthorSends<Essay>>(
    [],
  ).createMachine({
    id: 'author',
    context: ({ input }) => ({
      ...newAgent(input),
      ...piece.none,
      text: 'It was',
      critic: '',
      isStubborn: false,
    }),
    initial: 'idle',
    states: {
      idle: { on: { 'press.order': { target: 'drafted', actions: assign(({ event }) => event.body) } } },
      drafted: {
        always: {
          target: 'submitting',
          actions: assign(({ context }) =>
            piece.submit(context, { text: context.text }, { role: context.critic }),
          ),
        },
      },
      ...piece.states({ approved: 'printing', revise: 'rewriting', unapproved: 'printing' }),
      rewriting: {
        always: {
          target: 'drafted',
          actions: assign(({ context: { text, isStubborn, submitted } }) => ({
            text: isStubborn ? text : [text, ...submitted.verdicts.at(-1)!.findings].join(' '),
          })),
        },
      },
      printing: {
        type: 'final',
        entry: emit(({ context: { text, submitted, problem } }) => ({
          type: 'press.print' as const,
          body: { text, problem, findings: submitted.verdicts.map(({ findings }) => [...findings]) },
        })),
      },
    },
  })
  return defineRole({
    ...{ name: 'author', description: 'writes', instructions: '' },
    accepts: [order, approve, revise],
    answers: [print],
    sends: [submit],
    machine,
  })
}

const piece = reviewing(essay)
const verdict = { type: 'verdict', body: z.object({ findings: z.array(z.string()) }) }
const reviewer = roleSetup<ReviewContext<Essay>, ReviewerAccepts<Essay>, ReviewerSends<Essay>>([verdict])
const is = { description: 'judges', instructions: '', accepts: [submit], answers: [approve, revise] }

/** @param misses what a text lacks: nothing, for one that it approves of */
const critic = (name: string, misses: (text: string) => string[]) => {
  const policy: OfflinePolicy = ({ transcript }) => {
    const last = transcript.findLast((entry) => entry.kind === 'message')
    const { work } = submit.body.parse((last as { body: unknown }).body)
    return { kind: 'answer', type: 'verdict', body: { findings: misses(work.text) } }
  }
  const findingsOf = ({ answer }: ReviewContext<Essay>) => verdict.body.parse(answer?.body).findings
  const machine = reviewer.createMachine({
    id: name,
    context: ({ input }) => ({ ...newAgent(input), ...piece.none }),
    initial: 'unsubmitted',
    states: {
      ...piece.states({ submitted: 'thinking' }),
      ...agentStates({ answered: 'judging', gaveUp: 'failed' }),
      judging: {
        always: [
          { guard: ({ context }) => findingsOf(context).length === 0, target: 'approving' },
          { target: 'revising', actions: assign(({ context }) => piece.find(context, findingsOf(context))) },
        ],
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  })
  return defineRole({ name, ...is, machine, policy, modelAnswers: [verdict] })
}

const WANTED = ['a dark', 'and stormy', 'night.']
const patient = critic('patient', (text) => WANTED.filter((part) => !text.includes(part)).slice(0, 1))
const picky = critic('picky', (text) => [`more than ${text.length} letters.`])

/** Approves what nobody wrote. */
const blind = defineRole({
  name: 'blind',
  ...is,
  machine: reviewer.createMachine({
    context: ({ input }) => ({ ...newAgent(input), ...piece.none }),
    initial: 'unsubmitted',
    states: {
      ...piece.states({ submitted: 'nodding' }),
      nodding: {
        type: 'final',
        entry: emit({
          type: 'essay.approve' as const,
          body: { seen: digestOf({ text: 'Call me Ishmael.' }) },
        }),
      },
    },
  }),
})
const mute = defineRole({
  name: 'mute',
  ...is,
  machine: reviewer.createMachine({
    context: ({ input }) => ({ ...newAgent(input), ...piece.none }),
    initial: 'unsubmitted',
    states: { ...piece.states({ submitted: 'silent' }), silent: {} },
  }),
})

export const essaysFlock = (
  critic: 'patient' | 'picky' | 'blind' | 'mute',
  options: AuthoringOptions,
  isStubborn = false,
): SimulatedFlock => ({
  crew: [
    { role: author(options), count: 1 },
    { role: patient, count: 2 },
    ...[picky, blind, mute].map((role) => ({ role, count: 1 })),
  ],
  start: { role: 'author', message: order, body: { critic, isStubborn }, answers: [print] },
  blobs: timelessBlobs(),
  outcomeOf: ({ kind }) => kind,
  check: () => undefined, // the tests look at it
})
