/**
 * XState as a pure function: a snapshot and an event in, the next snapshot and what the machine asks for out.
 * Nothing is executed here. One inert actor scope serves all conversations of a role, which costs a third of what
 * `xstate.transition()` costs.
 */
import { type ActorScope, type AnyMachineSnapshot, type AnyStateMachine, createActor } from 'xstate'
import { SkeinError } from '../../protocols/errors.ts'

/** An event for a machine: plain JSON with a type. */
export type MachineEvent = { readonly type: string; readonly [key: string]: unknown }

/** A snapshot as it is kept in a record: plain JSON. */
export type StoredSnapshot = {
  readonly status: string
  readonly value: unknown
  readonly context: unknown
  readonly historyValue: unknown
}

/** An invoked actor: what the host is asked to do. `id` comes back on re-entry, so it names nothing by itself. */
export type InvokeRequest = { readonly id: string; readonly src: string; readonly input: unknown }

/** A delayed event. Without an id it stands for itself: nothing replaces or cancels it. */
export type RaiseRequest = {
  readonly id: string | null
  readonly event: MachineEvent
  readonly delayMs: number
}

export type Step = {
  readonly snapshot: AnyMachineSnapshot
  readonly invokes: readonly InvokeRequest[]
  readonly raises: readonly RaiseRequest[]
  readonly cancels: readonly string[]
  readonly emitted: readonly MachineEvent[]
}

/** The machine did what it must not, threw, or looped for ever: its conversation fails, and nothing else. */
export class MachineError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`machine.${code}`, message, options)
  }
}

export interface Interpreter {
  /** The first step of a new conversation. @throws MachineError */
  start(input: unknown): Step
  /** @throws MachineError `machine.unknown-state` */
  restore(stored: StoredSnapshot): AnyMachineSnapshot
  store(snapshot: AnyMachineSnapshot): StoredSnapshot
  /** @throws MachineError */
  next(snapshot: AnyMachineSnapshot, event: MachineEvent): Step
  /** Whether a transition takes the event. One whose guard throws counts as taken: taking it tells why. */
  takes(snapshot: AnyMachineSnapshot, event: MachineEvent): boolean
  /** Whether some state of the machine names the event at all. */
  knows(type: string): boolean
  /** Ids of the invokes that are in force in a snapshot. */
  invoking(snapshot: AnyMachineSnapshot): ReadonlySet<string>
  /** Types of the delayed events that the states of a snapshot wait for. */
  delayed(snapshot: AnyMachineSnapshot): ReadonlySet<string>
}

type Action = { readonly type: string; readonly params: unknown }

export function createInterpreter(machine: AnyStateMachine): Interpreter {
  const actor = createActor(machine)
  let collected: Action[] = []
  const scope: ActorScope<AnyMachineSnapshot, MachineEvent> = {
    self: actor,
    id: '',
    sessionId: '',
    logger: () => {},
    system: actor.system,
    defer: () => {},
    stopChild: () => {},
    emit: () => {},
    actionExecutor: (action) => void collected.push(action),
  }

  function step(advance: () => AnyMachineSnapshot): Step {
    collected = []
    let snapshot: AnyMachineSnapshot
    try {
      snapshot = advance()
    } catch (cause) {
      throw new MachineError('threw', `machine "${machine.id}" threw: ${(cause as Error).message}`, { cause })
    }
    if (snapshot.status === 'error') {
      const cause = snapshot.error
      throw new MachineError(
        'threw',
        `machine "${machine.id}" failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
    refuseSpawned(machine, snapshot)
    return sort(machine, snapshot, collected)
  }

  return {
    start: (input) => step(() => machine.getInitialSnapshot(scope, input as never)),
    next: (snapshot, event) => step(() => machine.transition(snapshot, event, scope) as AnyMachineSnapshot),
    takes(snapshot, event) {
      try {
        return snapshot.can(event as never)
      } catch {
        return true
      }
    },
    restore(stored) {
      const snapshot = restored(machine, stored, scope)
      if (snapshot.status !== 'error') return snapshot
      throw new MachineError(
        'unknown-state',
        `machine "${machine.id}" has no state ${JSON.stringify(stored.value)}: it was written by another version`,
      )
    },
    store(snapshot) {
      const { status, value, context, historyValue } = machine.getPersistedSnapshot({
        ...snapshot,
        children: {},
      } as AnyMachineSnapshot) as unknown as StoredSnapshot
      return { status, value, context, historyValue }
    },
    knows: (type) => machine.events.some((event) => event === type || event === '*'),
    invoking,
    delayed: (snapshot) =>
      new Set(snapshot._nodes.flatMap((node) => node.after.map(({ eventType }) => eventType))),
  }
}

const invoking = (snapshot: AnyMachineSnapshot) =>
  new Set(snapshot._nodes.flatMap((node) => node.invoke.map((invoke) => invoke.id)))

/** `spawn` in `assign` asks for no action; it shows only by its child. */
function refuseSpawned(machine: AnyStateMachine, snapshot: AnyMachineSnapshot): void {
  if (snapshot.status !== 'active') return
  const invoked = invoking(snapshot)
  const spawned = Object.keys(snapshot.children).find((id) => !invoked.has(id))
  if (spawned === undefined) return
  throw forbidden(
    machine,
    `spawns the actor "${spawned}", which no record could bring back: invoke an effect`,
  )
}

function restored(
  machine: AnyStateMachine,
  stored: StoredSnapshot,
  scope: ActorScope<AnyMachineSnapshot, MachineEvent>,
) {
  try {
    return machine.restoreSnapshot({ ...stored, children: {} } as never, scope) as AnyMachineSnapshot
  } catch (cause) {
    throw new MachineError(
      'unknown-state',
      `machine "${machine.id}" cannot go on from ${JSON.stringify(stored.value)}: it was written by another version`,
      { cause },
    )
  }
}

/** Sorts XState's actions into what a host can do. */
function sort(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, actions: readonly Action[]): Step {
  const invokes = new Map<string, InvokeRequest>()
  let raises: RaiseRequest[] = []
  const cancels: string[] = []
  const emitted: MachineEvent[] = []
  for (const { type, params } of actions) {
    switch (type) {
      case 'xstate.spawnChild': {
        const { id, src, input } = params as InvokeRequest
        if (typeof src !== 'string')
          throw forbidden(machine, 'starts an actor that has no name: name it in setup({ actors })')
        invokes.set(id, { id, src, input })
        break
      }
      case 'xstate.raise': {
        const { id = null, event, delay } = params as { id?: string; event: MachineEvent; delay?: number }
        if (delay === undefined) break
        raises = raises.filter((earlier) => id === null || earlier.id !== id)
        raises.push({ id, event, delayMs: delay })
        break
      }
      case 'xstate.cancel': {
        const { sendId } = params as { sendId: string }
        raises = raises.filter((raise) => raise.id !== sendId)
        cancels.push(sendId)
        break
      }
      case 'xstate.emit':
        emitted.push((params as { event: MachineEvent }).event)
        break
      case 'xstate.stopChild':
      case 'xstate.log':
        break
      default:
        throw forbidden(
          machine,
          `asks for the action "${type}", which does something by itself: a machine is pure; emit a message or invoke an effect`,
        )
    }
  }
  return { snapshot, invokes: [...invokes.values()], raises, cancels, emitted }
}

const forbidden = (machine: AnyStateMachine, what: string) =>
  new MachineError('forbidden', `machine "${machine.id}" ${what}`)
