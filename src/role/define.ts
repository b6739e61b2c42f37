/** Roles: what a peer can do, as data. A new agent is a name, instructions, what it takes and answers, and its tools. */
import { type AnyStateMachine, createMachine, type EmittedFrom, type EventFromLogic } from 'xstate'
import { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { type ConversationId, type RoleName, roleNameSchema } from '../../protocols/ids.ts'
import type { ModelParameters } from '../model/model.ts'
import type { OfflinePolicy } from '../model/offline.ts'
import type { Tool } from '../tools/tool.ts'
import type { Incoming, Migrate, Outgoing } from '../turn/behaviour.ts'
import { agentMachine, sharing } from './agent.ts'
import { checkMachine, RoleError } from './check-machine.ts'
import { askedOfModel } from './hash-fields.ts'
import { type Asks, askTool, effects } from './setup.ts'

/** Which model a role wants, and how. */
export type RoleModel = ModelParameters & {
  readonly name?: string
  /** Tokens that prompt and reply may have together, where it is not a model whose size is known. */
  readonly contextTokens?: number
  /** Models of the same endpoint, asked in turn where the one before cannot be had; the run's unless given. */
  readonly fallbacks?: readonly string[]
}

export interface Role {
  readonly name: RoleName
  /** Of its machine: raised when a machine changes so that old records no longer fit. */
  readonly version: number
  /** Reads the state that an earlier version left in a record. */
  readonly migrate: Migrate | undefined
  readonly description: string
  /** For the model: who it is, what it does and does not, when to stop. */
  readonly instructions: string
  readonly accepts: readonly MessageDefinition[]
  /** Everything it may send: its answers, its questions, and what else its machine emits. */
  readonly sends: readonly MessageDefinition[]
  /** What its model may end with. */
  readonly modelAnswers: readonly Pick<MessageDefinition, 'type' | 'body'>[]
  readonly asks: Asks
  /** What its model may call. */
  readonly tools: readonly Tool[]
  /** What its machine invokes by itself: its model does not see them. */
  readonly machineTools: readonly Tool[]
  /** Names of tools, of either kind, whose calls a person has to approve, besides those that say so themselves. */
  readonly approve: readonly string[]
  readonly machine: AnyStateMachine
  readonly policy: OfflinePolicy | undefined
  /** Conversations that a peer of this role works on at once. */
  readonly concurrency: number
  /** What a peer bids for a conversation where work is auctioned: higher is better, and between equals chance decides. */
  readonly skill: (conversation: ConversationId) => number
  /** Model and parameters, where they differ from the run's. */
  readonly model: RoleModel
}

/** A machine that emits what the role may not send, or does not take what it says it takes, does not compile. */
type Fits<
  Machine extends AnyStateMachine,
  Accepts extends MessageDefinition,
  Sends extends MessageDefinition,
> =
  Incoming<Accepts> extends EventFromLogic<Machine>
    ? EmittedFrom<Machine>['type'] extends Outgoing<Sends>['type'] | 'failure'
      ? unknown
      : {
          readonly 'the machine emits what the role does not declare': Exclude<
            EmittedFrom<Machine>['type'],
            Outgoing<Sends>['type']
          >
        }
    : {
        readonly 'the machine does not take': Exclude<
          Incoming<Accepts>['type'],
          EventFromLogic<Machine>['type']
        >
      }

export type RoleOptions<
  Accepts extends MessageDefinition,
  Answers extends MessageDefinition,
  Requests extends MessageDefinition,
  Machine extends AnyStateMachine,
> = {
  readonly name: string
  /** Of its machine, 1 unless given: raise it when states or context change, or old records would be misread. */
  readonly version?: number
  /** Without it, conversations of earlier versions are left to processes of that version. */
  readonly migrate?: Migrate
  readonly description: string
  readonly instructions: string
  readonly accepts: readonly Accepts[]
  readonly answers: readonly Answers[]
  /** What its machine sends besides answers: requests to other roles. */
  readonly sends?: readonly Requests[]
  readonly asks?: Asks
  readonly tools?: readonly Tool[]
  readonly machineTools?: readonly Tool[]
  /** Names of tools whose calls a person has to approve: none besides those that say so themselves, unless given. */
  readonly approve?: readonly string[]
  /** The ready machine, unless given: one piece of work a conversation, a loop over model and tools, an answer. */
  readonly machine?: Machine & Fits<Machine, Accepts, Answers | Requests>
  /** What the model of a hand-written machine ends with, where that is not one of the answers. */
  readonly modelAnswers?: readonly Pick<MessageDefinition, 'type' | 'body'>[]
  readonly policy?: OfflinePolicy
  /** 1 unless given. */
  readonly concurrency?: number
  /** Where work is auctioned; the same for all unless given. */
  readonly skill?: Role['skill']
  readonly model?: Role['model']
}

/** Microsteps one event may take: beyond it the machine counts as looping for ever, and its conversation fails. */
const MICROSTEPS_LIMIT = 10_000

/**
 * @throws RoleError when the machine uses what cannot be hosted, or names clash
 * @example
 * export const librarian = defineRole({
 *   name: 'librarian',
 *   description: 'Answers questions from the documents',
 *   instructions: 'Search first. Answer only from what you found, and name the page.',
 *   accepts: [question.messages.ask],
 *   answers: [question.messages.answer],
 *   tools: [searchDocuments()],
 * })
 */
export function defineRole<
  const Accepts extends MessageDefinition,
  const Answers extends MessageDefinition,
  const Requests extends MessageDefinition = never,
  Machine extends AnyStateMachine = AnyStateMachine,
>(options: RoleOptions<Accepts, Answers, Requests, Machine>): Role {
  const name = roleNameSchema.safeParse(options.name)
  if (!name.success)
    throw new RoleError('name', `"${options.name}" cannot name a role: ${z.prettifyError(name.error)}`)
  const { accepts, answers, asks = {}, tools = [], approve = [] } = options
  const machineTools = [...(options.machineTools ?? []), ...(options.machine ? [] : [sharing])]
  const machine = options.machine ?? agentMachine({ name: options.name, accepts, answers, asks, tools })
  checkTools(options.name, [...tools, ...machineTools], asks, approve)
  checkMachine(machine, Object.keys(effects))
  const taken = [...accepts, ...Object.values(asks).flatMap((ask) => ask.answers)]
  for (const { type } of taken) {
    if (machine.events.some((event) => matches(event, type))) continue
    throw new RoleError(
      'accepts',
      `role "${options.name}" accepts "${type}", but its machine has no transition for it`,
    )
  }
  return {
    name: name.data,
    version: options.version ?? 1,
    migrate: options.migrate,
    description: options.description,
    instructions: options.instructions,
    accepts: taken,
    sends: [...answers, ...(options.sends ?? []), ...Object.values(asks).map((ask) => ask.message)],
    modelAnswers: options.modelAnswers ?? (options.machine ? answers : answers.map(askedOfModel)),
    asks,
    tools,
    machineTools,
    approve,
    machine: bounded(machine),
    policy: options.policy,
    concurrency: options.concurrency ?? 1,
    skill: options.skill ?? (() => 1),
    model: options.model ?? {},
  }
}

/** Whether a transition on `event` may take a type: `*` and `task.*` are XState's wildcards. */
const matches = (event: string, type: string) =>
  event === type || event === '*' || (event.endsWith('.*') && type.startsWith(event.slice(0, -1)))

function checkTools(role: string, tools: readonly Tool[], asks: Asks, approve: readonly string[]): void {
  const unknown = approve.find((name) => !tools.some((tool) => tool.name === name))
  if (unknown !== undefined)
    throw new RoleError(
      'tools',
      `role "${role}" wants "${unknown}" approved, and has no such tool: it has ${tools.map(({ name }) => name).join(', ') || 'none'}`,
    )
  const names = [...tools.map((tool) => tool.name), ...Object.keys(asks).map(askTool)]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new RoleError('tools', `role "${role}" has two tools named "${twice}": rename one`)
}

/** The same machine, with an end to its microsteps. */
function bounded(machine: AnyStateMachine): AnyStateMachine {
  const { maxIterations = MICROSTEPS_LIMIT, ...options } = machine.config.options ?? {}
  const config = {
    ...machine.config,
    options: { ...options, maxIterations: Math.min(maxIterations, MICROSTEPS_LIMIT) },
  }
  return createMachine(config as never, machine.implementations as never)
}
