/** An answer that is given while parts of the work are still out: by a count that is off by one, and by impatience. */
import { assign, emit, enqueueActions } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { gatherer } from '../gatherer.ts'
import { answer, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { plan, menu, dish, recipe } = defineProtocol(
  'kitchen',
  1,
  {
    plan: z.object({ courses: z.array(z.string()) }),
    menu: z.object({ recipes: z.array(z.string()) }),
    dish: z.object({ course: z.string() }),
    recipe: z.object({ text: z.string() }),
  },
  { plan: ['menu'], dish: ['recipe'] },
).messages

/** The mistake: it counts its parts from nought. */
const headCook = gatherer({
  name: 'head-cook',
  takes: plan,
  gives: menu,
  asks: [dish],
  hears: [recipe],
  parts: ({ courses }: { courses: string[] }) =>
    courses.map((course) => ({
      role: course === 'cake' ? 'baker' : 'cook',
      ...{ name: `dish-${course}`, message: dish, body: { course } },
    })),
  enough: (parts) => parts - 1,
  compose: ({ found }) => ({ recipes: Object.keys(found) }),
})

const cook = (name: string) =>
  defineRole({
    name,
    description: 'knows recipes',
    instructions: '',
    accepts: [dish],
    answers: [recipe],
    policy: steps(answer(recipe, { text: 'take what there is' })),
    concurrency: 2,
  })

export const oneTooFew: PlantedFault = {
  name: 'one too few',
  what: 'A head cook answers with two of three courses, and the run ends while the baker is still at the cake.',
  code: 'premature-end',
  blame: ['goal', 'dish-cake'],
  innocent: ['dish-soup', 'dish-fish'],
  run: () =>
    stage({
      goal: 'a menu',
      start: {
        ...{ role: 'head-cook', message: plan, answers: [menu] },
        body: { courses: ['soup', 'cake', 'fish'] },
      },
      processes: [process('kitchen', headCook, cook('cook')), process('bakery', cook('baker'))],
      pace: { baker: { slowestMs: 40_000 } },
    }),
}

const { issue, paper, section, copy, match, lines } = defineProtocol(
  'sunday',
  1,
  {
    issue: z.object({}),
    paper: z.object({ sections: z.array(z.string()) }),
    section: z.object({ about: z.string() }),
    copy: z.object({ about: z.string(), lines: z.array(z.string()) }),
    match: z.object({ place: z.string() }),
    lines: z.object({ text: z.string() }),
  },
  { issue: ['paper'], section: ['copy'], match: ['lines'] },
).messages

const editor = gatherer({
  name: 'sunday-editor',
  takes: issue,
  gives: paper,
  asks: [section],
  hears: [copy],
  parts: () => [
    { role: 'sports-editor', name: 'sports', message: section, body: { about: 'sports' } },
    { role: 'weather-editor', name: 'weather', message: section, body: { about: 'weather' } },
  ],
  compose: ({ found }) => ({ sections: Object.keys(found) }),
})

type SportsContext = AgentContext & { readonly lines: readonly string[] }

/** The mistake: it gives its reporters ten seconds, and then answers with whatever came; nobody is told to stop. */
const sportsEditor = defineRole({
  name: 'sports-editor',
  description: 'makes the sports section',
  instructions: '',
  accepts: [section, lines],
  answers: [copy],
  sends: [match],
  machine: roleSetup<SportsContext, typeof section | typeof lines, typeof copy | typeof match>(
    [],
  ).createMachine({
    id: 'sports-editor',
    context: ({ input }) => ({ ...newAgent(input), lines: [] }),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'sunday.section': {
            target: 'open',
            actions: enqueueActions(({ enqueue }) => {
              for (const place of ['harbour', 'hill', 'island'])
                enqueue.emit({
                  type: 'sunday.match',
                  body: { place },
                  to: {
                    role: place === 'island' ? 'stringer' : 'reporter',
                    conversation: `match-${place}`,
                  },
                })
            }),
          },
        },
      },
      open: {
        after: { 10000: 'closed' },
        on: {
          'sunday.lines': {
            actions: assign(({ context, event }) => ({ lines: [...context.lines, event.body.text] })),
          },
          failure: {},
        },
      },
      closed: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'sunday.copy' as const,
          body: { about: 'sports', lines: [...context.lines] },
        })),
      },
    },
  }),
})

const matchReporter = (name: string) =>
  defineRole({
    name,
    description: 'reports matches',
    instructions: '',
    accepts: [match],
    answers: [lines],
    policy: steps(answer(lines, { text: 'two to one' })),
  })

const weatherEditor = defineRole({
  name: 'weather-editor',
  description: 'makes the weather section',
  instructions: '',
  accepts: [section],
  answers: [copy],
  policy: steps(answer(copy, { about: 'weather', lines: ['fair'] })),
})

export const impatient: PlantedFault = {
  name: 'impatient',
  what: 'A section is handed in after ten seconds, a match short, and the run ends before its reporter has answered.',
  code: 'premature-end',
  blame: ['sports', 'match-island', 'goal'],
  innocent: ['match-harbour', 'match-hill', 'weather'],
  run: () =>
    stage({
      goal: 'the Sunday paper',
      start: { role: 'sunday-editor', message: issue, body: {}, answers: [paper] },
      processes: [
        process('house', editor, sportsEditor, weatherEditor),
        process('field', matchReporter('reporter')),
        process('field 2', matchReporter('reporter')),
        process('island', matchReporter('stringer')),
      ],
      pace: { stringer: { slowestMs: 120_000 }, 'weather-editor': { slowestMs: 14_000 } },
      seed: 3,
    }),
}
