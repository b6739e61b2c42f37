/** The last check of what was delivered had failed, and it was delivered as completed all the same. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type BlobHash, blobHashSchema } from '../../../protocols/ids.ts'
import { run } from '../../../protocols/run.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { checkPages, prepareWiki, writePage } from '../wiki.ts'
import type { PlantedFault } from './fault.ts'

const { ticket, closed } = defineProtocol(
  'fix',
  1,
  { ticket: z.object({ text: z.string() }), closed: z.object({ note: z.string() }) },
  { ticket: ['closed'] },
).messages

/** The mistake: a check that passed once is good enough for it; what a later one says it does not read. */
const mechanic = defineRole({
  name: 'mechanic',
  description: 'mends pages',
  instructions: '',
  accepts: [ticket],
  answers: [closed],
  tools: [writePage, checkPages],
  policy: steps(
    call('write_page', { page: 'brakes.md', text: '# Brakes\n\nPull.\n' }),
    call('check_pages', {}),
    call('write_page', { page: 'gears.md', text: '# Gears\n\nTODO: order\n' }),
    call('check_pages', {}),
    answer(closed, { note: 'brakes and gears are described' }),
  ),
})

export const deliveredBroken: PlantedFault = {
  name: 'delivered broken',
  what: 'A mechanic delivers after its second change, whose check failed; the check of the first had passed.',
  code: 'failed-verification',
  blame: ['goal'],
  run: () =>
    stage({
      goal: 'mend the pages',
      start: { role: 'mechanic', message: ticket, body: { text: 'gears are missing' }, answers: [closed] },
      processes: [process('one', mechanic)],
      prepare: prepareWiki,
      seed: 6,
    }),
}

const { build, built, test, tested } = defineProtocol(
  'site',
  1,
  {
    build: z.object({ page: z.string() }),
    built: z.object({ tree: blobHashSchema }),
    test: z.object({ tree: blobHashSchema }),
    tested: z.object({ passed: z.boolean() }),
  },
  { build: ['built'], test: ['tested'] },
).messages

type ReleaseContext = AgentContext & { readonly built: BlobHash | null }

/** The mistake: it waits for the test to be over, and not for it to have passed. */
const releaser = defineRole({
  name: 'release-manager',
  description: 'releases a site',
  instructions: '',
  accepts: [run.messages.goal, built, tested],
  answers: [run.messages.result],
  sends: [build, test],
  machine: roleSetup<
    ReleaseContext,
    typeof run.messages.goal | typeof built | typeof tested,
    typeof run.messages.result | typeof build | typeof test
  >([]).createMachine({
    id: 'release-manager',
    context: ({ input }) => ({ ...newAgent(input), built: null }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'run.goal': {
            target: 'building',
            actions: emit({
              type: 'site.build',
              body: { page: 'news.md' },
              to: { role: 'builder', conversation: 'build-1' },
            }),
          },
        },
      },
      building: {
        on: {
          'site.built': {
            target: 'testing',
            actions: [
              assign(({ event }) => ({ built: event.body.tree })),
              emit(({ event }) => ({
                type: 'site.test' as const,
                body: event.body,
                to: { role: 'tester', conversation: 'test-1' },
              })),
            ],
          },
          failure: 'failed',
        },
      },
      testing: { on: { 'site.tested': 'released', failure: 'failed' } },
      released: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'run.result' as const,
          body: {
            ...{ outcome: 'completed' as const, reason: 'built and tested', patch: null, report: null },
            tree: context.built,
          },
        })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

const finished = { type: 'finished', body: z.object({}) }

const builder = defineRole({
  name: 'builder',
  description: 'builds pages',
  instructions: '',
  accepts: [build],
  answers: [built],
  tools: [writePage],
  modelAnswers: [finished],
  policy: steps(
    call('write_page', { page: 'news.md', text: '# News\n\nTODO: the date\n' }),
    answer(finished, {}),
  ),
  machine: roleSetup<AgentContext, typeof build, typeof built>([finished]).createMachine({
    id: 'builder',
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: { on: { 'site.build': { target: 'thinking', actions: 'hear' } } },
      ...agentStates({ answered: 'built', gaveUp: 'failed' }),
      built: {
        type: 'final',
        entry: emit(({ context }) => ({ type: 'site.built' as const, body: { tree: context.tree! } })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

/** It runs the check on the tree that it is given, without a model. */
const tester = defineRole({
  name: 'tester',
  description: 'tests pages',
  instructions: '',
  accepts: [test],
  answers: [tested],
  machineTools: [checkPages],
  machine: roleSetup<AgentContext, typeof test, typeof tested>([]).createMachine({
    id: 'tester',
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: {
        on: {
          'site.test': { target: 'testing', actions: assign(({ event }) => ({ tree: event.body.tree })) },
        },
      },
      testing: {
        invoke: {
          id: 'check',
          src: 'tool',
          input: ({ context }) => ({ tool: 'check_pages', input: {}, tree: context.tree }),
          onDone: {
            target: 'tested',
            actions: emit(({ event }) => ({
              type: 'site.tested' as const,
              body: { passed: (event.output.output as { unfinished: string[] }).unfinished.length === 0 },
            })),
          },
          onError: { target: 'failed', actions: 'giveUp' },
        },
      },
      tested: { type: 'final' },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

export const releasedAllTheSame: PlantedFault = {
  name: 'released all the same',
  what: 'A tester reports that the build fails its check, and the release manager releases it as completed.',
  code: 'failed-verification',
  blame: ['goal', 'test-1', 'build-1'],
  run: () =>
    stage({
      goal: 'release the site',
      start: {
        ...{ role: 'release-manager', message: run.messages.goal, answers: [run.messages.result] },
        body: { goal: 'release', base: '0'.repeat(64), rounds: 0 },
      },
      processes: [process('release', releaser), process('farm', builder, tester)],
      prepare: prepareWiki,
      seed: 9,
    }),
}
