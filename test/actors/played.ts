/** A role's machine, played by hand: what it hears, what its model answers, what its tools give; and what it does. */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { conversationId, messageId, runId } from '../../protocols/ids.ts'
import type { AgentContext } from '../../src/role/agent-context.ts'
import { inputOf } from '../../src/turn/behaviour.ts'
import type { EffectError } from '../../src/turn/effects.ts'
import {
  createInterpreter,
  type InvokeRequest,
  type MachineEvent,
  type Step,
} from '../../src/turn/interpreter.ts'

const RUN = runId('r1')
export const TREE = 'a'.repeat(64)

export function played(machine: AnyStateMachine) {
  const { start, next } = createInterpreter(machine)
  const own = conversationId(RUN, 'own')
  const emitted: MachineEvent[] = []
  let invoked: readonly InvokeRequest[] = []
  let now: AnyMachineSnapshot
  let heard = 0
  const take = (step: Step) => {
    now = step.snapshot
    invoked = step.invokes
    emitted.push(...step.emitted)
    return self
  }
  const context = () => now.context as AgentContext
  const self = {
    state: () => now.value,
    context,
    emitted,
    /** The effect that it waits for. */
    waitsFor: () => invoked.at(-1)?.input,
    correction: () => {
      const last = context().transcript.findLast((entry) => entry.kind === 'correction')
      return last?.kind === 'correction' ? last.text : undefined
    },
    hear(type: string, body: unknown, name = 'other') {
      const from = { role: 'other', peer: 'other-1', conversation: conversationId(RUN, name) }
      return take(next(now, { type, body, id: messageId(from.conversation, own, ++heard), from }))
    },
    /** What its model ends with. */
    answers(type: string, body: unknown) {
      const output = { text: '', calls: [], answer: { type, body }, finish: 'stop', model: 'played' }
      return take(next(now, { type: 'xstate.done.actor.chat', actorId: 'chat', output }))
    },
    /** What the tool that the machine itself called gives. */
    gives(actorId: string, output: unknown, tree = TREE) {
      return take(next(now, { type: `xstate.done.actor.${actorId}`, actorId, output: { output, tree } }))
    },
    /** How a tool fails that the machine itself called. */
    fails(actorId: string, error: EffectError) {
      return take(next(now, { type: `xstate.error.actor.${actorId}`, actorId, error }))
    },
  }
  return take(start(inputOf(own)))
}
