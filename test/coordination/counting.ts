/**
 * A flock for the blackboard: a foreman sends counters to raise one number, each several times, and looks in the end at
 * the number and at the journal of all that it ever was.
 */
import { assign, emit, enqueueActions } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { nameOf } from '../../protocols/ids.ts'
import {
  type ChangeOutcome,
  defineBoard,
  type EntryOf,
  entryHistory,
  type Posted,
} from '../../src/coordination/blackboard.ts'
import { type BoardContext, boardChange } from '../../src/coordination/blackboard-states.ts'
import { boardTools } from '../../src/coordination/blackboard-tools.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { OriginOutput } from '../../src/run/origin.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'
import { defineTool } from '../../src/tools/tool.ts'

/** An entry of the journal: the number, and the conversation that wrote it. */
const raiseSchema = z.object({ number: z.number(), by: z.string() })

const counting = defineProtocol(
  'counting',
  1,
  {
    begin: z.object({ role: z.string(), counters: z.number(), times: z.number() }),
    count: z.object({ times: z.number() }),
    /** `unsure`: how often the counter does not know whether its raise was written. */
    counted: z.object({ raised: z.number(), unsure: z.number() }),
    total: z.object({
      counted: z.array(z.object({ by: z.string(), raised: z.number(), unsure: z.number() })),
      failed: z.number(),
      journal: z.array(raiseSchema),
    }),
  },
  { begin: ['total'], count: ['counted'] },
)
const { begin, count, counted, total } = counting.messages
type Counted = Total['counted'][number]
export type Total = z.infer<typeof total.body>

export const tally = defineBoard('tally', z.object({ number: z.number().int() }))

type CounterContext = BoardContext<typeof tally> & {
  readonly times: number
  readonly raised: number
  readonly unsure: number
}

const raise = boardChange(tally, {
  key: 'all',
  change: (entry) => ({ number: (entry?.number ?? 0) + 1 }),
})

const counter = defineRole({
  name: 'counter',
  description: 'raises a number',
  instructions: '',
  accepts: [count],
  answers: [counted],
  machineTools: boardTools(tally),
  machine: roleSetup<CounterContext, typeof count, typeof counted>([]).createMachine({
    id: 'counter',
    context: ({ input }) => ({
      ...{ ...newAgent(input), ...raise.none },
      ...{ times: 0, raised: 0, unsure: 0 },
    }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'counting.count': {
            target: 'readingEntry',
            actions: assign(({ event }) => ({ times: event.body.times })),
          },
        },
      },
      ...raise.states({ written: 'raised', left: 'done', gaveUp: 'unsure' }),
      raised: {
        entry: assign(({ context }) => ({ raised: context.raised + 1 })),
        always: [{ guard: ({ context }) => context.raised < context.times, target: 'readingEntry' }, 'done'],
      },
      unsure: {
        entry: assign(({ context }) => ({ unsure: context.unsure + 1 })),
        always: 'done',
      },
      done: {
        type: 'final',
        entry: emit(({ context: { raised, unsure } }) => ({
          type: 'counting.counted' as const,
          body: { raised, unsure },
        })),
      },
    },
  }),
})

/** One whose model has the tools of the board: a conflict is a result of its call, and it decides again (BB3). */
const thinker = defineRole({
  name: 'thinker',
  description: 'raises a number',
  instructions: '',
  accepts: [count],
  answers: [counted],
  tools: boardTools(tally),
  policy({ transcript }) {
    const [asked] = transcript.flatMap((entry) => (entry.kind === 'message' ? [entry.body] : []))
    const { times } = count.body.parse(asked)
    const results = transcript.flatMap((entry) => (entry.kind === 'result' ? [entry.output as Result] : []))
    const raised = results.filter((result) => 'kind' in result && result.kind === 'written').length
    if (raised === times) return { kind: 'answer', type: counted.type, body: { raised, unsure: 0 } }
    const last = results.at(-1)
    if (last === undefined || ('kind' in last && last.kind === 'written'))
      return { kind: 'call', tool: 'read_tally', input: { key: 'all' } }
    const { value, revision } = 'kind' in last ? last.current : last
    const input = { key: 'all', value: { number: (value?.number ?? 0) + 1 }, revision }
    return { kind: 'call', tool: 'write_tally', input }
  },
})

type Entry = EntryOf<typeof tally>
type Result = Posted<Entry> | ChangeOutcome<Entry>

type ForemanContext = AgentContext & {
  readonly counters: number
  readonly counted: readonly Counted[]
  readonly failed: number
}

const readJournal = defineTool({
  name: 'read_journal',
  description: 'reads all that the number ever was',
  input: z.object({}),
  output: z.object({ journal: z.array(raiseSchema) }),
  usesRecords: true,
  async run(_, { records, run }) {
    const journal = await entryHistory(records, tally, run, 'all')
    return { output: { journal: journal.map(({ value, by }) => ({ number: value!.number, by: by! })) } }
  },
})

const foreman = defineRole({
  name: 'foreman',
  description: 'has a number raised',
  instructions: '',
  accepts: [begin, counted],
  answers: [total],
  sends: [count],
  machineTools: [readJournal],
  machine: roleSetup<ForemanContext, typeof begin | typeof counted, typeof total | typeof count>(
    [],
  ).createMachine({
    id: 'foreman',
    context: ({ input }) => ({ ...newAgent(input), counters: 0, counted: [], failed: 0 }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'counting.begin': {
            target: 'waiting',
            actions: [
              assign(({ event }) => ({ counters: event.body.counters })),
              enqueueActions(({ enqueue, event: { body } }) => {
                for (let index = 1; index <= body.counters; index++)
                  enqueue.emit({
                    type: 'counting.count',
                    body: { times: body.times },
                    to: { role: body.role, conversation: `counter-${index}` },
                  })
              }),
            ],
          },
        },
      },
      waiting: {
        always: {
          guard: ({ context }) => context.counted.length + context.failed === context.counters,
          target: 'auditing',
        },
        on: {
          'counting.counted': {
            actions: assign(({ context, event }) => ({
              counted: [...context.counted, { ...event.body, by: nameOf(event.from.conversation) }],
            })),
          },
          failure: { actions: assign(({ context }) => ({ failed: context.failed + 1 })) },
        },
      },
      auditing: {
        invoke: {
          id: 'audit',
          src: 'tool',
          input: { tool: 'read_journal', input: {}, tree: null },
          onDone: {
            target: 'done',
            actions: emit(({ context, event }) => ({
              type: 'counting.total' as const,
              body: {
                counted: [...context.counted],
                failed: context.failed,
                journal: readJournal.output.parse(event.output.output).journal,
              },
            })),
          },
          onError: { target: 'failed', actions: 'giveUp' },
        },
      },
      done: { type: 'final' },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

/** What is wrong with what the counters say and the journal shows (BB1, BB2). */
export function wrongWith({ counted, failed, journal }: Total): string | undefined {
  if (failed > 0) return `${failed} counters failed`
  const numbers = journal.map(({ number }) => number)
  // Each raise was made to the number that stood there: none was lost, none was applied twice.
  if (numbers.some((number, index) => number !== index + 1)) return `the journal shows ${numbers}`
  for (const { by, raised, unsure } of counted) {
    const seen = journal.filter((raise) => raise.by === by).length
    if (seen < raised || seen > raised + unsure)
      return `${by} raised ${raised} times, and the journal shows ${seen}`
  }
  return undefined
}

/** @param who a machine that raises the number, or an agent with a model */
export function countingFlock(
  counters: number,
  times: number,
  who: 'counter' | 'thinker' = 'counter',
): SimulatedFlock {
  return {
    crew: [
      { role: foreman, count: 1 },
      { role: who === 'counter' ? counter : thinker, count: counters },
    ],
    start: { role: 'foreman', message: begin, body: { role: who, counters, times }, answers: [total] },
    blobs: timelessBlobs(),
    outcomeOf: ({ kind }) => kind,
    check: (output) => (output.kind === 'answer' ? wrongWith(totalIn(output)) : JSON.stringify(output)),
  }
}

export const totalIn = (output: OriginOutput | undefined): Total =>
  total.body.parse(output?.kind === 'answer' ? output.body : undefined)
