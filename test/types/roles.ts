/** What the types of a role and its machine promise. Checked by `tsc`; nothing here runs. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { type Equal, holds } from './holds.ts'

const errand = defineProtocol(
  'errand',
  1,
  {
    go: z.object({ what: z.string() }),
    report: z.object({ done: z.array(z.string()), failed: z.number() }),
    ask: z.object({ about: z.string() }),
    told: z.object({ about: z.string() }),
  },
  { go: ['report'], ask: ['told'] },
)
const { go, report, ask, told } = errand.messages
const is = { description: '', instructions: '' }

/** Takes `go`, sends `report`. */
const runner = roleSetup<AgentContext, typeof go, typeof report>([report])

const machine = runner.createMachine({
  context: ({ input }) => {
    holds<Equal<typeof input.name, string>>()
    return newAgent(input)
  },
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        'errand.go': {
          target: 'gone',
          actions: assign(({ event }) => {
            holds<Equal<typeof event.body, { what: string }>>()
            return {}
          }),
        },
        // A failure that the host says has no sender.
        failure: {
          actions: assign(({ event }) => {
            holds<Equal<typeof event.body.kind extends string ? true : false, true>>()
            // @ts-expect-error it may have none
            event.from.peer
            return {}
          }),
        },
      },
    },
    gone: { type: 'final', entry: emit({ type: 'errand.report', body: { done: [], failed: 0 } }) },
  },
})

defineRole({ name: 'runner', ...is, accepts: [go], answers: [report], machine })

// What a machine may emit: what it declares, with its body, and a failure.
runner.createMachine({
  context: ({ input }) => newAgent(input),
  entry: [
    emit({ type: 'failure', body: { kind: 'error', reason: 'no', of: null } }),
    emit({ type: 'errand.report', body: { done: [], failed: 0 }, to: { role: 'a', conversation: 'b' } }),
  ],
})
runner.createMachine({
  context: ({ input }) => newAgent(input),
  // @ts-expect-error what it does not declare
  entry: emit({ type: 'errand.told', body: { about: '' } }),
})
runner.createMachine({
  context: ({ input }) => newAgent(input),
  // @ts-expect-error a report of the wrong body
  entry: emit({ type: 'errand.report', body: { done: 'all' } }),
})
runner.createMachine({
  context: ({ input }) => newAgent(input),
  // @ts-expect-error a failure of no known kind
  entry: emit({ type: 'failure', body: { kind: 'boredom', reason: '', of: null } }),
})
runner.createMachine({
  context: ({ input }) => newAgent(input),
  // @ts-expect-error no destination without a conversation
  entry: emit({ type: 'errand.report', body: { done: [], failed: 0 }, to: { role: 'a' } }),
})

// What a machine may invoke: the effects of a role.
runner.createMachine({
  context: ({ input }) => newAgent(input),
  invoke: { id: 'tool', src: 'tool', input: { tool: 'x', input: {}, tree: null } },
})
runner.createMachine({
  context: ({ input }) => newAgent(input),
  // @ts-expect-error no such effect
  invoke: { id: 'shell', src: 'shell', input: {} },
})
runner.createMachine({
  context: ({ input }) => newAgent(input),
  // @ts-expect-error a tool has a name
  invoke: { id: 'tool', src: 'tool', input: { input: {}, tree: null } },
})

// A role and its machine say the same.
defineRole({
  name: 'runner',
  ...is,
  accepts: [go],
  answers: [told],
  // @ts-expect-error the machine emits a report, which the role does not declare
  machine,
})
defineRole({
  name: 'runner',
  ...is,
  accepts: [go, ask],
  answers: [report],
  // @ts-expect-error the role accepts a question, which the machine does not take
  machine,
})
const asker = roleSetup<AgentContext, typeof go | typeof told, typeof report | typeof ask>([
  report,
]).createMachine({
  context: ({ input }) => newAgent(input),
  entry: emit({ type: 'errand.ask', body: { about: '' }, to: { role: 'a', conversation: 'b' } }),
  on: { 'errand.told': { actions: emit({ type: 'errand.report', body: { done: [], failed: 0 } }) } },
})
// Requests stand in `sends`, apart from answers.
defineRole({ name: 'asker', ...is, accepts: [go, told], answers: [report], sends: [ask], machine: asker })
// @ts-expect-error the machine emits a question, which the role does not declare
defineRole({ name: 'asker', ...is, accepts: [go, told], answers: [report], machine: asker })

// A tool is run with what its input parses to, and gives what its output parses from.
defineTool({
  name: 'count',
  description: '',
  input: z.object({ text: z.string(), from: z.number().default(0) }),
  output: z.object({ words: z.number() }),
  async run({ text, from }, { run }) {
    holds<Equal<typeof from, number>>()
    holds<Equal<typeof run extends string ? true : false, true>>()
    return { output: { words: text.length } }
  },
})
defineTool({
  name: 'count',
  description: '',
  input: z.object({}),
  output: z.object({ words: z.number() }),
  // @ts-expect-error an output that does not fit
  run: async () => ({ output: { words: 'three' } }),
})
