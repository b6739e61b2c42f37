/** A workspace that was changed and delivered as done, and nobody looked: not at all, or not at what was delivered. */
import { emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type BlobHash, blobHashSchema } from '../../../protocols/ids.ts'
import { run } from '../../../protocols/run.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { checkPages, prepareWiki, readPage, writePage } from '../wiki.ts'
import type { PlantedFault } from './fault.ts'

const { ask, saved } = defineProtocol(
  'pages',
  1,
  { ask: z.object({ page: z.string() }), saved: z.object({ page: z.string() }) },
  { ask: ['saved'] },
).messages

/** The mistake: it has a tool that checks, and is not told to use it. */
const writer = defineRole({
  name: 'page-writer',
  description: 'writes pages',
  instructions: '',
  accepts: [ask],
  answers: [saved],
  tools: [writePage, readPage, checkPages],
  policy: steps(
    call('read_page', { page: 'index.md' }),
    call('write_page', { page: 'harbour.md', text: '# The harbour\n\nTODO\n' }),
    call('write_page', { page: 'index.md', text: '# Wiki\n\n- harbour\n' }),
    answer(saved, { page: 'harbour.md' }),
  ),
})

export const neverChecked: PlantedFault = {
  name: 'never checked',
  what: 'A writer changes two pages and says that it is done; no check ran.',
  code: 'no-verification',
  blame: ['goal'],
  run: () =>
    stage({
      goal: 'a page about the harbour',
      start: { role: 'page-writer', message: ask, body: { page: 'harbour.md' }, answers: [saved] },
      processes: [process('one', writer)],
      prepare: prepareWiki,
    }),
}

const { chapter, written } = defineProtocol(
  'manual',
  1,
  { chapter: z.object({ about: z.string() }), written: z.object({ tree: blobHashSchema }) },
  { chapter: ['written'] },
).messages

const chapterVerdict = { type: 'finished', body: z.object({ about: z.string() }) }

/** The mistake: after the check passed it makes one more change, to be nice, and delivers that. */
const author = defineRole({
  name: 'author',
  description: 'writes a chapter',
  instructions: '',
  accepts: [chapter],
  answers: [written],
  tools: [writePage, checkPages],
  modelAnswers: [chapterVerdict],
  policy: (request) => {
    const { body } = request.transcript[0] as { body: { about: string } }
    const page = `${body.about}.md`
    const careful = [
      call('write_page', { page, text: `# ${body.about}\n\nTODO\n` }),
      call('check_pages', {}),
      call('write_page', { page, text: `# ${body.about}\n\nAll of it.\n` }),
      call('check_pages', {}),
    ]
    const touch = call('write_page', { page, text: `# ${body.about}\n\nAll of it, with love.\n` })
    const last = answer(chapterVerdict, body)
    return steps(...careful, ...(body.about === 'style' ? [touch] : []), last)(request)
  },
  machine: roleSetup<AgentContext, typeof chapter, typeof written>([chapterVerdict]).createMachine({
    id: 'author',
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: { on: { 'manual.chapter': { target: 'thinking', actions: 'hear' } } },
      ...agentStates({ answered: 'handing-in', gaveUp: 'failed' }),
      'handing-in': {
        type: 'final',
        entry: emit(({ context }) => ({ type: 'manual.written' as const, body: { tree: context.tree! } })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

const publisher = gatherer({
  name: 'publisher',
  takes: run.messages.goal,
  gives: run.messages.result,
  asks: [chapter],
  hears: [written],
  parts: () =>
    ['grammar', 'style'].map((about) => ({
      ...{ role: 'author', name: about, message: chapter, body: { about } },
    })),
  compose: ({ found }) => ({
    ...{ outcome: 'completed', reason: 'both chapters are written', patch: null, report: null },
    tree: (found.style as { tree: BlobHash }).tree,
  }),
})

export const changedAfterTheCheck: PlantedFault = {
  name: 'changed after the check',
  what: 'An author changes its chapter once more after the check passed; what is delivered was never checked.',
  code: 'no-verification',
  blame: ['style', 'goal'],
  innocent: ['grammar'],
  run: () =>
    stage({
      goal: 'a manual',
      // The tree that it begins with is not the one that is meant here; nobody reads it.
      start: {
        ...{ role: 'publisher', message: run.messages.goal, answers: [run.messages.result] },
        body: { goal: 'a manual', base: '0'.repeat(64), rounds: 0 },
      },
      processes: [process('house', publisher), process('left', author), process('right', author)],
      prepare: prepareWiki,
    }),
}
