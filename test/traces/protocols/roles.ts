/** Small roles that speak skein's own protocols: as much of each as its trace takes. */
import { assign, emit, enqueueActions } from 'xstate'
import { z } from 'zod'
import type { BlobHash } from '../../../protocols/ids.ts'
import { question } from '../../../protocols/question.ts'
import { review } from '../../../protocols/review.ts'
import { run } from '../../../protocols/run.ts'
import { task } from '../../../protocols/task.ts'
import type { OfflinePolicy, PolicyStep } from '../../../src/model/offline.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { defineTool } from '../../../src/tools/tool.ts'

export const TREE = '0'.repeat(64) as BlobHash

const result = { summary: 'done', findings: [], tree: null, sources: [], checks: [], openPoints: [] }
const delivery = { outcome: 'completed', reason: 'done', tree: null, patch: null, report: null } as const

/** One step after another, and the last of them for as long as it is asked. */
const steps =
  (...all: readonly PolicyStep[]): OfflinePolicy =>
  ({ transcript }) =>
    all[Math.min(transcript.filter(({ kind }) => kind === 'reply').length, all.length - 1)]!

const answer = (type: string, body: unknown): PolicyStep => ({ kind: 'answer', type, body })

export const oracle = defineRole({
  name: 'oracle',
  description: 'knows where things are',
  instructions: '',
  accepts: [question.messages.ask],
  answers: [question.messages.answer],
  policy: steps(answer('question.answer', { answer: 'in the drawer', findings: [], sources: [] })),
})

/** It asks, counts, and answers. */
export const worker = defineRole({
  name: 'worker',
  description: 'does a task, once it knows where things are',
  instructions: '',
  accepts: [task.messages.request],
  answers: [task.messages.result],
  asks: { oracle: { message: question.messages.ask, answers: [question.messages.answer] } },
  tools: [
    defineTool({
      name: 'count',
      description: 'counts',
      input: z.object({}),
      output: z.object({ count: z.number() }),
      run: async () => ({ output: { count: 3 } }),
    }),
  ],
  policy: steps(
    { kind: 'call', tool: 'ask_oracle', input: { question: 'Where is it?', subject: null, known: [] } },
    { kind: 'call', tool: 'count', input: {} },
    answer('task.result', result),
  ),
})

/** It does what it is told at once. */
export const hand = defineRole({
  name: 'hand',
  description: 'does a task',
  instructions: '',
  accepts: [task.messages.request],
  answers: [task.messages.result],
  policy: steps(answer('task.result', result)),
})

type LeadContext = AgentContext & { readonly done: number }

/** It splits a goal into two tasks, and answers when both are back. */
export const lead = defineRole({
  name: 'lead',
  description: 'splits a goal',
  instructions: '',
  accepts: [run.messages.goal, task.messages.result],
  answers: [run.messages.result],
  sends: [task.messages.request],
  machine: roleSetup<
    LeadContext,
    typeof run.messages.goal | typeof task.messages.result,
    typeof run.messages.result | typeof task.messages.request
  >([]).createMachine({
    id: 'lead',
    context: ({ input }) => ({ ...newAgent(input), done: 0 }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'run.goal': {
            target: 'waiting',
            actions: enqueueActions(({ enqueue }) => {
              for (const name of ['left', 'right']) {
                const body = { title: name, instructions: '', subject: null, needs: [], checks: [] }
                enqueue.emit({ type: 'task.request', body, to: { role: 'hand', conversation: name } })
              }
            }),
          },
        },
      },
      waiting: {
        always: { guard: ({ context }) => context.done === 2, target: 'over' },
        on: {
          'task.result': { actions: assign(({ context }) => ({ done: context.done + 1 })) },
          failure: 'failed',
        },
      },
      over: { type: 'final', entry: emit({ type: 'run.result', body: delivery }) },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

/** It sends work back once, then approves. */
export const critic = defineRole({
  name: 'critic',
  description: 'reviews',
  instructions: '',
  accepts: [review.messages.request, task.messages.result],
  answers: [run.messages.result],
  sends: [review.messages.revise, review.messages.approve],
  machine: roleSetup<
    AgentContext,
    typeof review.messages.request | typeof task.messages.result,
    typeof run.messages.result | typeof review.messages.revise | typeof review.messages.approve
  >([]).createMachine({
    id: 'critic',
    context: ({ input }) => newAgent(input),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'review.request': {
            target: 'waiting',
            actions: emit({
              type: 'review.revise',
              body: { tree: TREE, round: 1, findings: [{ what: 'a test', detail: 'fails' }], failing: [] },
              to: { role: 'author', conversation: 'work' },
            }),
          },
        },
      },
      waiting: { on: { 'task.result': 'over', failure: 'over' } },
      over: {
        type: 'final',
        entry: enqueueActions(({ enqueue }) => {
          enqueue.emit({
            type: 'review.approve',
            body: { tree: TREE, summary: 'good' },
            to: { role: 'author', conversation: 'work' },
          })
          enqueue.emit({ type: 'run.result', body: delivery })
        }),
      },
    },
  }),
})

/** It does its work again when told to, and is done when it is approved of. */
export const author = defineRole({
  name: 'author',
  description: 'writes',
  instructions: '',
  accepts: [review.messages.revise, review.messages.approve],
  answers: [task.messages.result],
  machine: roleSetup<
    AgentContext,
    typeof review.messages.revise | typeof review.messages.approve,
    typeof task.messages.result
  >([]).createMachine({
    id: 'author',
    context: ({ input }) => newAgent(input),
    initial: 'delivered',
    states: {
      delivered: {
        on: {
          'review.revise': { actions: emit({ type: 'task.result', body: result }) },
          'review.approve': 'done',
        },
      },
      done: { type: 'final' },
    },
  }),
})
