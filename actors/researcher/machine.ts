/**
 * The researcher: one question or task, a loop over model and tools, one answer. Its model finds the same either way;
 * in which message that goes out is the machine's business.
 */
import { assign, enqueueActions } from 'xstate'
import type { question } from '../../protocols/question.ts'
import type { task } from '../../protocols/task.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { roleSetup } from '../../src/role/setup.ts'
import { answerOf, type Found, foundAnswer, resultOf } from './findings.ts'

type ResearcherContext = AgentContext & {
  /** What the work came as. */
  readonly came: 'task' | 'question'
}

type Accepts = typeof task.messages.request | typeof question.messages.ask
type Sends = typeof task.messages.result | typeof question.messages.answer

export const researcherMachine = roleSetup<ResearcherContext, Accepts, Sends>([foundAnswer]).createMachine({
  id: 'researcher',
  context: ({ input }) => ({ ...newAgent(input), came: 'task' }),
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        'task.request': { target: 'thinking', actions: 'hear' },
        'question.ask': { target: 'thinking', actions: ['hear', assign({ came: 'question' })] },
      },
    },
    ...agentStates({ answered: 'answered', gaveUp: 'failed' }),
    answered: {
      type: 'final',
      entry: enqueueActions(({ enqueue, context }) => {
        const found = context.answer!.body as Found
        if (context.came === 'task') enqueue.emit({ type: 'task.result', body: resultOf(found) })
        else enqueue.emit({ type: 'question.answer', body: answerOf(found) })
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})
