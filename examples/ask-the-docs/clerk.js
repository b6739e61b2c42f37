/**
 * The clerk: splits a question into look-ups, hands them to whichever readers are free, waits until all are back, and
 * hands what was found to the editor, who answers whoever asked. A machine written by hand: its join is a state.
 */
import { agentStates, defineRole, nameOf, newAgent, partsOf, roleSetup } from 'skein'
import { assign, enqueueActions } from 'xstate'
import { z } from 'zod'
import { desk } from './protocol.js'

/** What the model of the clerk ends with. It is no message: the machine makes messages of it. */
const split = { type: 'split', body: z.object({ lookups: z.array(z.string().min(1)).min(1).max(5) }) }

const lookupsOf = ({ answer }) =>
  answer.body.lookups.map((about, index) => ({ name: `lookup-${index + 1}`, about }))

/** Whose answer this is. A failure that nobody sent, since no answer came in time, names the message it is of. */
const lookupOf = ({ from, body }) => nameOf(from?.conversation ?? partsOf(body.of).to)

const machine = roleSetup([split]).createMachine({
  id: 'clerk',
  context: ({ input }) => ({ ...newAgent(input), question: null, found: {}, gaps: {} }),
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        'desk.question': {
          target: 'thinking',
          actions: ['hear', assign(({ event: { body, from, id } }) => ({ question: { ...body, from, id } }))],
        },
      },
    },
    ...agentStates({ answered: 'gathering', gaveUp: 'failed' }),
    gathering: {
      entry: enqueueActions(({ context, enqueue }) => {
        for (const { name, about } of lookupsOf(context)) {
          enqueue.emit({ type: 'desk.lookup', body: { about }, to: { role: 'reader', conversation: name } })
        }
      }),
      on: {
        'desk.found': {
          actions: assign(({ context, event }) => ({
            found: { ...context.found, [lookupOf(event)]: event.body },
          })),
        },
        failure: {
          actions: assign(({ context, event }) => ({
            gaps: { ...context.gaps, [lookupOf(event)]: event.body.reason },
          })),
        },
      },
      always: {
        guard: ({ context: { found, gaps, ...context } }) =>
          lookupsOf(context).every(({ name }) => name in found || name in gaps),
        target: 'over',
      },
    },
    over: {
      type: 'final',
      entry: enqueueActions(({ context: { question, found, gaps, ...context }, enqueue }) => {
        const lookups = lookupsOf(context)
        enqueue.emit({
          type: 'desk.write',
          body: {
            question: question.question,
            found: lookups.flatMap(({ name }) => found[name] ?? []),
            gaps: lookups.flatMap(({ name, about }) => (name in gaps ? `${about} (${gaps[name]})` : [])),
          },
          to: { role: 'editor', conversation: 'answer' },
          // From here on the editor owes the answer, and gives it to whoever asked.
          slip: [{ ...question.from, correlation: question.id }],
        })
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

export const clerk = defineRole({
  name: 'clerk',
  description: 'Splits a question into look-ups and gathers what was found',
  instructions: `You are asked something about a set of documents that you cannot see. Split the question into the things that have to be looked up, one to five; most questions need one or two.
Write each so that somebody understands it who does not know the question.`,
  accepts: [desk.messages.question, desk.messages.found],
  answers: [],
  sends: [desk.messages.lookup, desk.messages.write],
  modelAnswers: [split],
  machine,
  policy: splitOffline,
})

/** Without a model: a look-up for each part between question marks, semicolons, and a comma with "and". */
function splitOffline({ transcript }) {
  const { question } = transcript.find(({ kind }) => kind === 'message').body
  const parts = question.split(/[?;]|,\s*and\b/).map((part) => part.trim())
  const lookups = parts.filter((part) => part !== '').slice(0, 5)
  return { kind: 'answer', type: 'split', body: { lookups: lookups.length > 0 ? lookups : [question] } }
}
