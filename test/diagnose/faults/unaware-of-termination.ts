/** Agents that do not know when they are done: one works on after it delivered, two never conclude. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import type { OfflinePolicy } from '../../../src/model/offline.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { chart, map, survey, measured } = defineProtocol(
  'hill',
  1,
  {
    chart: z.object({ sides: z.array(z.string()) }),
    map: z.object({ heights: z.record(z.string(), z.number()) }),
    survey: z.object({ side: z.string() }),
    measured: z.object({ height: z.number(), note: z.string() }),
  },
  { chart: ['map'], survey: ['measured'] },
).messages

const cartographer = gatherer({
  name: 'cartographer',
  takes: chart,
  gives: map,
  asks: [survey],
  hears: [measured],
  parts: ({ sides }: { sides: string[] }) =>
    sides.map((side) => ({
      ...{ role: `${side}-surveyor`, name: `side-${side}`, message: survey, body: { side } },
    })),
  compose: ({ found }) => ({
    heights: Object.fromEntries(
      Object.entries(found).map(([name, one]) => [name, (one as { height: number }).height]),
    ),
  }),
})

const replies = ({ transcript }: Parameters<OfflinePolicy>[0]) =>
  transcript.filter(({ kind }) => kind === 'reply').length

const measure: OfflinePolicy = (request) =>
  answer(measured, { height: 212, note: `measured ${replies(request) + 1} times` })

const polisher = roleSetup<AgentContext & { delivered: boolean }, typeof survey, typeof measured>([measured])

/** The mistake: its machine has no final state; having answered, it rests and goes on to polish. */
const northSurveyor = defineRole({
  name: 'north-surveyor',
  description: 'measures heights',
  instructions: '',
  accepts: [survey],
  answers: [measured],
  policy: measure,
  machine: polisher.createMachine({
    id: 'north-surveyor',
    context: ({ input }) => ({ ...newAgent(input), delivered: false }),
    initial: 'waiting',
    states: {
      waiting: { on: { 'hill.survey': { target: 'thinking', actions: 'hear' } } },
      ...agentStates({ answered: 'measured', gaveUp: 'failed' }),
      measured: {
        always: [{ guard: ({ context }) => context.delivered, target: 'resting' }, { target: 'delivering' }],
      },
      delivering: {
        entry: [
          emit(({ context }) => ({
            type: 'hill.measured' as const,
            body: context.answer!.body as { height: number; note: string },
          })),
          assign({ delivered: true }),
        ],
        always: 'resting',
      },
      resting: { after: { 2000: 'thinking' } },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

const readScale = defineTool({
  name: 'read_scale',
  description: 'reads a scale',
  input: z.object({ scale: z.number() }),
  output: z.object({ height: z.number() }),
  async run({ scale }, { clock, signal }) {
    await sleep(clock, 4_000, signal)
    return { output: { height: 200 + scale } }
  },
})

const southSurveyor = defineRole({
  name: 'south-surveyor',
  description: 'measures heights, slowly',
  instructions: '',
  accepts: [survey],
  answers: [measured],
  tools: [readScale],
  policy: (request) => {
    const scale = replies(request)
    if (scale < 6) return call('read_scale', { scale })
    return answer(measured, { height: 203, note: 'the mean of six scales' })
  },
})

export const worksOn: PlantedFault = {
  name: 'works on',
  what: 'A surveyor answers, and then asks its model again and again while the other one is still at work.',
  code: 'unaware-of-termination',
  blame: ['side-north'],
  innocent: ['side-south'],
  run: () =>
    stage({
      goal: 'a map of the hill',
      start: { role: 'cartographer', message: chart, body: { sides: ['north', 'south'] }, answers: [map] },
      processes: [
        process('office', cartographer),
        process('north', northSurveyor),
        process('south', southSurveyor),
      ],
      timeoutMs: 75_000,
    }),
}

const { audit, opinion } = defineProtocol(
  'accounts',
  1,
  { audit: z.object({ book: z.string() }), opinion: z.object({ fair: z.boolean() }) },
  { audit: ['opinion'] },
).messages

const readPage = defineTool({
  name: 'read_page',
  description: 'a page of the book',
  input: z.object({ page: z.number() }),
  output: z.object({ lines: z.array(z.string()) }),
  run: async ({ page }) => ({ output: { lines: page < 12 ? [`entry ${page}`] : [] } }),
})

/** The mistake: nobody tells it what it needs to know before it may give an opinion, so it turns pages. */
const auditor = defineRole({
  name: 'auditor',
  description: 'audits a book',
  instructions: '',
  accepts: [audit],
  answers: [opinion],
  tools: [readPage],
  policy: (request) => call('read_page', { page: replies(request) + 1 }),
})

const auditOf = (timeoutMs: number, seed: number) =>
  stage({
    goal: 'audit the book',
    start: { role: 'auditor', message: audit, body: { book: 'of the harbour' }, answers: [opinion] },
    processes: [process('one', auditor)],
    pace: { auditor: { slowestMs: 2_000 } },
    timeoutMs,
    seed,
  })

export const neverConcludes: PlantedFault = {
  name: 'never concludes',
  what: 'An auditor turns pages, long past the last one, until it has made all the calls that it may.',
  code: 'unaware-of-termination',
  blame: ['goal'],
  run: () => auditOf(900_000, 3),
}

export const untilTheDeadline: PlantedFault = {
  name: 'until the deadline',
  what: 'An auditor turns pages until the deadline of the run stops it.',
  code: 'unaware-of-termination',
  blame: ['goal'],
  run: () => auditOf(45_000, 5),
}
