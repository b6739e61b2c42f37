/** Questions about documents: a clerk splits them, readers search in several wordings, an editor answers instead of the clerk. */
import { enqueueActions } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { importDirectory } from '../../../src/tools/directory.ts'
import { searchDocuments } from '../../../src/tools/search-documents.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { worker } from '../worker.ts'
import { between, type GoodKind } from './good-run.ts'

const { question, lookup, reply } = defineProtocol(
  'desk',
  1,
  {
    question: z.object({ topics: z.array(z.string()) }),
    lookup: z.object({ about: z.string() }),
    reply: z.object({ text: z.string() }),
  },
  { question: ['reply'], lookup: ['reply'] },
).messages

const split = { type: 'split', body: z.object({ topics: z.array(z.string()) }) }

/** It hands the question over: whoever looks it up owes the answer from then on, and the clerk is done. */
const clerk = defineRole({
  name: 'clerk',
  description: 'splits a question',
  instructions: '',
  accepts: [question],
  answers: [],
  sends: [lookup],
  modelAnswers: [split],
  policy: ({ transcript }) => answer(split, (transcript[0] as { body: unknown }).body),
  machine: roleSetup<AgentContext & { asker: object | null }, typeof question, typeof lookup>([
    split,
  ]).createMachine({
    id: 'clerk',
    context: ({ input }) => ({ ...newAgent(input), asker: null }),
    initial: 'waiting',
    states: {
      waiting: {
        on: {
          'desk.question': {
            target: 'thinking',
            actions: [
              'hear',
              enqueueActions(({ enqueue, event }) => {
                enqueue.assign({ asker: { ...event.from, correlation: event.id } })
              }),
            ],
          },
        },
      },
      ...agentStates({ answered: 'handing-over', gaveUp: 'failed' }),
      'handing-over': {
        type: 'final',
        entry: enqueueActions(({ enqueue, context }) => {
          const { topics } = context.answer!.body as { topics: string[] }
          enqueue.emit({
            type: 'desk.lookup',
            body: { about: topics.join(', ') },
            to: { role: 'reader', conversation: 'lookup' },
            slip: [context.asker as never],
          })
        }),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

/** Each search in its own words; the second finds as little as the first where the documents say nothing. */
const reader = worker('reader', {
  ...{ takes: lookup, gives: reply, tools: [searchDocuments()] },
  policy(request) {
    const { body } = request.transcript[0] as { body: { about: string } }
    const words = body.about.split(', ')
    return steps(
      ...words.map((query) => call('search_documents', { query, limit: 2 })),
      call('search_documents', { query: words.join(' '), limit: 3 }),
      answer(reply, { text: `${words.length} things were looked up` }),
    )(request)
  },
})

const TOPICS = ['fees', 'guests', 'zeppelin', 'dinghies', 'storm', 'keys', 'volcano', 'damage']
const DOCUMENTS = new URL('../../../examples/ask-the-docs/documents', import.meta.url).pathname

export const desk: GoodKind = {
  name: 'questions about documents',
  async run(seed, random) {
    const topics = TOPICS.slice(between(random, 0, 4)).slice(0, between(random, 1, 4))
    const { spans } = await stage({
      seed,
      goal: 'answer a question',
      start: { role: 'clerk', message: question, body: { topics }, answers: [reply] },
      processes: [process('desk', clerk), process('stacks', reader), process('more stacks', reader)],
      prepare: async ({ blobs }) => ({ documents: (await importDirectory(blobs, DOCUMENTS)).hash }),
    })
    return {
      note: 'the clerk ends without an answer of its own; searches in other words find nothing',
      due: [],
      spans,
    }
  },
}
