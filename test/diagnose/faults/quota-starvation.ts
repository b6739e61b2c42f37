/** One agent spends what a run may spend, and others are refused their calls. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { defineRole } from '../../../src/role/define.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, type Setting, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const {
  commission: study,
  report,
  question,
  finding,
} = defineProtocol(
  'study',
  1,
  {
    commission: z.object({ about: z.array(z.string()) }),
    report: z.object({ found: z.array(z.string()), missing: z.array(z.string()) }),
    question: z.object({ about: z.string() }),
    finding: z.object({ text: z.string() }),
  },
  { commission: ['report'], question: ['finding'] },
).messages

const professor = gatherer({
  name: 'professor',
  takes: study,
  gives: report,
  asks: [question],
  hears: [finding],
  parts: ({ about }: { about: string[] }) =>
    about.map((one, index) => ({
      role: index === 0 ? 'essayist' : 'student',
      ...{ name: `on-${one}`, message: question, body: { about: one } },
    })),
  compose: ({ found, gaps }) => ({ found: Object.keys(found), missing: Object.keys(gaps) }),
})

const browse = defineTool({
  name: 'browse_shelf',
  description: 'books of a shelf',
  input: z.object({ shelf: z.number() }),
  output: z.object({ books: z.array(z.string()) }),
  run: async ({ shelf }) => ({ output: { books: [`volume ${shelf}`] } }),
})

/** The mistake: nothing bounds what it writes between two looks at the shelf. */
const essayist = defineRole({
  name: 'essayist',
  description: 'answers at length',
  instructions: '',
  accepts: [question],
  answers: [finding],
  tools: [browse],
  model: { maxOutputTokens: 3_500 },
  policy: steps(
    ...[1, 2, 3, 4, 5, 6].map((shelf) => call('browse_shelf', { shelf })),
    answer(finding, { text: 'It is a long story.' }),
  ),
})

const student = defineRole({
  name: 'student',
  description: 'answers briefly',
  instructions: '',
  accepts: [question],
  answers: [finding],
  tools: [browse],
  model: { maxOutputTokens: 300 },
  policy: steps(
    ...[11, 12, 13, 14].map((shelf) => call('browse_shelf', { shelf })),
    answer(finding, { text: 'It is so.' }),
  ),
})

const studying = (about: readonly string[], more: Partial<Setting>): Setting => ({
  goal: 'a study',
  start: { role: 'professor', message: study, body: { about }, answers: [report] },
  processes: [
    process('chair', professor),
    process('tower', essayist),
    process('hall', student),
    process('annex', student),
  ],
  ...more,
})

export const spentByOne: PlantedFault = {
  name: 'spent by one',
  what: 'An essayist spends the tokens of the run, and the student who needs a tenth of that is refused.',
  code: 'quota-starvation',
  blame: ['on-history', 'on-tides'],
  run: () =>
    stage(
      studying(['history', 'tides'], {
        limits: { tokens: 16_000, money: null, messages: null },
        pace: {
          essayist: { outputTokens: 3_400, slowestMs: 2_000 },
          student: { outputTokens: 90, slowestMs: 9_000 },
        },
      }),
    ),
}

export const spentBeforeTheLast: PlantedFault = {
  name: 'spent before the last',
  what: 'A student answers before an essayist has spent the tokens; the next question that it takes, it cannot finish.',
  code: 'quota-starvation',
  blame: ['on-poetry', 'on-mosses'],
  run: () =>
    stage(
      studying(['poetry', 'ferns', 'mosses'], {
        limits: { tokens: 21_500, money: null, messages: null },
        pace: {
          essayist: { outputTokens: 3_400, slowestMs: 4_000 },
          student: { outputTokens: 60, slowestMs: 1_400 },
        },
        seed: 11,
        processes: [process('chair', professor), process('tower', essayist), process('hall', student)],
      }),
    ),
}
