/** Work that goes back until it is good: each revision changes something, and what is delivered is what was checked. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type BlobHash, blobHashSchema } from '../../../protocols/ids.ts'
import { run } from '../../../protocols/run.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { answer, call } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { checkPages, prepareWiki, readPage, writePage } from '../wiki.ts'
import { between, type GoodKind } from './good-run.ts'

const { draft, drafted, inspect, inspected } = defineProtocol(
  'review-desk',
  1,
  {
    draft: z.object({ remarks: z.array(z.string()) }),
    drafted: z.object({ tree: blobHashSchema }),
    inspect: z.object({ tree: blobHashSchema, round: z.number() }),
    inspected: z.object({ unfinished: z.array(z.string()) }),
  },
  { draft: ['drafted'], inspect: ['inspected'] },
).messages

const finished = { type: 'finished', body: z.object({ pages: z.number() }) }

/** It writes its pages once more for each round of remarks, a little more finished each time, and reads them over. */
const scribe = (rounds: number, checksItself: boolean) =>
  defineRole({
    name: 'scribe',
    description: 'writes pages',
    instructions: '',
    accepts: [draft],
    answers: [drafted],
    modelAnswers: [finished],
    tools: [writePage, readPage, checkPages],
    policy({ transcript }) {
      const round = transcript.filter(({ kind }) => kind === 'message').length
      const since = transcript.slice(transcript.findLastIndex(({ kind }) => kind === 'message'))
      const done = since.filter(({ kind }) => kind === 'reply').length
      const page = `page-${round % 2}.md`
      const todo = Array.from({ length: Math.max(0, rounds - round) }, () => 'TODO')
      const calls = [
        call('read_page', { page: 'index.md' }),
        call('write_page', { page: 'index.md', text: ['# Wiki', `round ${round}`, ...todo].join('\n') }),
        call('write_page', { page, text: `# Page of round ${round}` }),
        call('read_page', { page: 'index.md' }),
        ...(checksItself ? [call('check_pages', {})] : []),
      ]
      return calls[done] ?? answer(finished, { pages: 2 })
    },
    machine: roleSetup<AgentContext, typeof draft, typeof drafted>([finished]).createMachine({
      id: 'scribe',
      context: ({ input }) => newAgent(input),
      initial: 'waiting',
      states: {
        waiting: { on: { 'review-desk.draft': { target: 'thinking', actions: 'hear' } } },
        ...agentStates({ answered: 'handing-in', gaveUp: 'failed' }),
        'handing-in': {
          entry: [
            emit(({ context }) => ({ type: 'review-desk.drafted' as const, body: { tree: context.tree! } })),
            assign({ answer: null }),
          ],
          always: 'waiting',
        },
        failed: { type: 'final', entry: 'sayProblem' },
      },
    }),
  })

/** It checks the very tree that it is given. */
const inspector = defineRole({
  name: 'inspector',
  description: 'inspects pages',
  instructions: '',
  accepts: [inspect],
  answers: [inspected],
  machineTools: [checkPages],
  machine: roleSetup<AgentContext, typeof inspect, typeof inspected>([]).createMachine({
    id: 'inspector',
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: {
        on: {
          'review-desk.inspect': {
            target: 'inspecting',
            actions: assign(({ event }) => ({ tree: event.body.tree })),
          },
        },
      },
      inspecting: {
        invoke: {
          id: 'check',
          src: 'tool',
          input: ({ context }) => ({ tool: 'check_pages', input: {}, tree: context.tree }),
          onDone: {
            target: 'waiting',
            actions: emit(({ event }) => ({
              type: 'review-desk.inspected' as const,
              body: event.output.output as { unfinished: string[] },
            })),
          },
          onError: { target: 'failed', actions: 'giveUp' },
        },
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

type ChiefContext = AgentContext & { readonly round: number; readonly remarks: readonly string[] }

/** What still has something unfinished after so many rounds it does not call completed. */
const chief = (patience: number) =>
  defineRole({
    name: 'chief-editor',
    description: 'publishes what was inspected',
    instructions: '',
    accepts: [run.messages.goal, drafted, inspected],
    answers: [run.messages.result],
    sends: [draft, inspect],
    machine: roleSetup<
      ChiefContext,
      typeof run.messages.goal | typeof drafted | typeof inspected,
      typeof run.messages.result | typeof draft | typeof inspect
    >([]).createMachine({
      id: 'chief-editor',
      context: ({ input }) => ({ ...newAgent(input), round: 0, remarks: [] }),
      initial: 'idle',
      states: {
        idle: { on: { 'run.goal': 'drafting' } },
        drafting: {
          entry: [
            assign(({ context }) => ({ round: context.round + 1 })),
            emit(({ context }) => ({
              type: 'review-desk.draft' as const,
              body: { remarks: [...context.remarks] },
              to: { role: 'scribe', conversation: 'pages' },
            })),
          ],
          on: {
            'review-desk.drafted': {
              target: 'inspecting',
              actions: assign(({ event }) => ({ tree: event.body.tree })),
            },
            failure: 'failed',
          },
        },
        inspecting: {
          entry: emit(({ context }) => ({
            type: 'review-desk.inspect' as const,
            body: { tree: context.tree as BlobHash, round: context.round },
            to: { role: 'inspector', conversation: 'inspection' },
          })),
          on: {
            'review-desk.inspected': [
              { guard: ({ event }) => event.body.unfinished.length === 0, target: 'published' },
              { guard: ({ context }) => context.round >= patience, target: 'withdrawn' },
              {
                target: 'drafting',
                actions: assign(({ context, event }) => ({
                  remarks: event.body.unfinished.map((page) => `${page} in round ${context.round}`),
                })),
              },
            ],
            failure: 'failed',
          },
        },
        published: {
          type: 'final',
          entry: emit(({ context }) => ({
            type: 'run.result' as const,
            body: {
              ...{ outcome: 'completed' as const, reason: 'inspected and found good' },
              ...{ tree: context.tree, patch: null, report: null },
            },
          })),
        },
        withdrawn: {
          type: 'final',
          entry: emit(({ context }) => ({
            type: 'run.result' as const,
            body: {
              ...{ outcome: 'unsatisfied' as const, reason: 'there is still something to do' },
              ...{ tree: context.tree, patch: null, report: null },
            },
          })),
        },
        failed: { type: 'final', entry: 'sayProblem' },
      },
    }),
  })

export const revisions: GoodKind = {
  name: 'revisions',
  async run(seed, random) {
    const rounds = between(random, 1, 3)
    const patience = random.next() < 0.2 ? Math.max(1, rounds - 1) : rounds
    const { spans, record } = await stage({
      seed,
      goal: 'a wiki',
      start: {
        ...{ role: 'chief-editor', message: run.messages.goal, answers: [run.messages.result] },
        body: { goal: 'a wiki', base: '0'.repeat(64), rounds },
      },
      processes: [
        process('house', chief(patience), inspector),
        process('desk', scribe(rounds, random.next() < 0.5)),
      ],
      prepare: prepareWiki,
      pace: { scribe: { slowestMs: between(random, 800, 6_000) } },
    })
    const end =
      record.outcome === 'completed' ? 'what was inspected is published' : 'it is withdrawn, and says so'
    return { note: `${rounds} rounds of changes and checks, then ${end}`, due: [], spans }
  },
}
