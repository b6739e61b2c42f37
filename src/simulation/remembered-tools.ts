/**
 * Tools for simulated roles. What a tool gives on a tree is the same each time, so each such call is made once, for
 * real, and remembered for all seeds. What reads or writes records is done anew in every world, on its own bus.
 */
import type { Blobs } from '../bus/blobs.ts'
import { memoryNetwork } from '../bus/memory/network.ts'
import type { Role } from '../role/define.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { initialiseHead, mergeIntoHead } from '../tools/head.ts'
import { type MergeReport, mergeWork } from '../tools/merge-work.ts'
import type { Tool, ToolContext, ToolOutcome } from '../tools/tool.ts'
import type { RealWork } from './real-work.ts'

export type RealWorld = {
  readonly work: RealWork
  /** Those of the simulation. */
  readonly blobs: Blobs
  /** The real one, for commands. */
  readonly clock: Clock
  readonly random: Random
  readonly scratch: string
  readonly nodeModules?: string
}

/** The role with tools that remember. */
export function withRememberedTools(role: Role, world: RealWorld): Role {
  const remembering = (tool: Tool): Tool => {
    if (tool === (mergeWork as Tool)) return mergingTool(world)
    return tool.usesRecords ? tool : remembered(role, tool, world)
  }
  return { ...role, tools: role.tools.map(remembering), machineTools: role.machineTools.map(remembering) }
}

const remembered = (role: Role, tool: Tool, world: RealWorld): Tool => ({
  ...tool,
  run(input, context) {
    const { tree, documents } = context
    const name = JSON.stringify([role.name, tool.name, input, tree, documents])
    return world.work.once(name, () => tool.run(input, { ...context, ...real(world) }))
  },
})

/** `merge_work` on the head of the simulated run; only its checks are remembered. */
function mergingTool(world: RealWorld): Tool {
  const tool: typeof mergeWork = {
    ...mergeWork,
    async run({ base, checks, excused }, context): Promise<ToolOutcome<MergeReport>> {
      const { blobs, records, run, conversation, signal } = context
      let last: MergeReport | undefined
      const outcome = await mergeIntoHead({
        ...{ blobs, records, run, base, signal, task: conversation, tree: context.tree! },
        async check(tree) {
          const name = JSON.stringify(['checks', checks, excused, tree])
          last = await world.work.once(name, () =>
            checked({ base: tree, checks, excused }, { ...context, tree }),
          )
          return last.kind === 'rejected' ? last.checks : undefined
        },
      })
      switch (outcome.kind) {
        case 'merged': {
          const results = last?.kind === 'merged' ? last.checks : []
          return { output: { kind: 'merged', head: outcome.tree, checks: results }, tree: outcome.tree }
        }
        case 'overlap':
          return { output: { kind: 'overlap', paths: outcome.conflicts.map(({ path }) => path) } }
        case 'rejected':
          return { output: { kind: 'rejected', checks: outcome.problem } }
      }
    },
  }

  /** The real tool, on a head that holds the tree already: what is left of it are the checks. */
  async function checked(
    input: Parameters<typeof mergeWork.run>[0],
    context: ToolContext,
  ): Promise<MergeReport> {
    const { records } = memoryNetwork(world).connect('checks')
    await initialiseHead(records, context.run, input.base)
    const { output } = await mergeWork.run(input, { ...context, ...real(world), records })
    return mergeWork.output.parse(output)
  }
  return tool as Tool
}

/** What belongs to no world: real time, and nobody who aborts. */
const real = ({ blobs, clock, scratch, nodeModules }: RealWorld) => ({
  ...{ blobs, clock, scratch, signal: new AbortController().signal },
  ...(nodeModules !== undefined && { nodeModules }),
})
