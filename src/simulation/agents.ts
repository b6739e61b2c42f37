/** Roles as a simulated process hosts them: their models and tools take virtual time, and are seen when they start. */
import { conversationId } from '../../protocols/ids.ts'
import type { Model } from '../model/model.ts'
import { offlineModel } from '../model/offline.ts'
import type { Role } from '../role/define.ts'
import { type Clock, sleep } from '../time/clock.ts'
import type { Tool } from '../tools/tool.ts'
import { type SlippingModelOptions, slippingModel } from './model-faults.ts'
import type { Draws } from './schedule.ts'
import type { Witness } from './witness.ts'

export type AgentsOptions = Omit<SlippingModelOptions, 'clock' | 'onCall' | 'draws'> & {
  /** Of calls to models, and of calls of tools. */
  readonly draws: { readonly model: Draws; readonly tool: Draws }
}

export interface Agents {
  /** The role as this process hosts it. */
  role(role: Role, witness: Witness): Role
  /** Its offline policy as a model. */
  model(role: Role, clock: Clock, witness: Witness): Model
}

/** Milliseconds that a tool takes. */
const TOOL_MS = { least: 50, most: 2_000 }

export function simulatedAgents(options: AgentsOptions): Agents {
  const { draws } = options

  const slow = (tool: Tool, witness: Witness): Tool => ({
    ...tool,
    async run(input, context) {
      const conversation = conversationId(context.run, context.conversation)
      witness.runs(conversation, tool.name)
      const { random } = draws.tool.next(`${conversation} ${tool.name}`)
      const { least, most } = TOOL_MS
      // Before the work: then whatever it takes of real time happens in a step of its own.
      await sleep(context.clock, least + Math.floor((most - least) * random.next()), context.signal)
      context.signal.throwIfAborted()
      return tool.run(input, context)
    },
  })

  return {
    role: (role, witness) => ({
      ...role,
      tools: role.tools.map((tool) => slow(tool, witness)),
      machineTools: role.machineTools.map((tool) => slow(tool, witness)),
    }),
    model: (role, clock, witness) =>
      slippingModel(offlineModel({ [role.name]: role.policy }), {
        ...options,
        clock,
        draws: draws.model,
        onCall: (traceparent) => witness.calls(traceparent),
      }),
  }
}
