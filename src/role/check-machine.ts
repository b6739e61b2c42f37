/**
 * What a machine may not use, refused when the role is defined: all that would act by itself, or would not survive
 * JSON. Everything else of XState is welcome.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { SkeinError } from '../../protocols/errors.ts'

/** A role or its machine is not one that skein can host. */
export class RoleError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`role.${code}`, message, options)
  }
}

/** Built-in actions that only say what is to happen. */
const PURE = new Set([
  'xstate.assign',
  'xstate.raise',
  'xstate.emit',
  'xstate.cancel',
  'xstate.log',
  'xstate.enqueueActions',
])

const INSTEAD: Readonly<Record<string, string>> = {
  'xstate.sendTo': 'emit a message: emit({ type, body, to })',
  'xstate.sendParent': 'emit an answer: emit({ type, body })',
  'xstate.forwardTo': 'emit a message: emit({ type, body, to })',
  'xstate.spawnChild': 'invoke an effect, or emit a message to another role',
  'xstate.stopChild': 'leave the state that invokes it',
}

/**
 * @param effects names of the effects that the role's host can run
 * @throws RoleError `role.machine` with what is wrong, where, and what to do instead
 */
export function checkMachine(machine: AnyStateMachine, effects: readonly string[]): void {
  const refuse = (where: string, what: string): never => {
    throw new RoleError('machine', `machine "${machine.id}", ${where}: ${what}`)
  }
  const invoked = new Map<string, string>()

  function checkInvokes(node: AnyStateNode): void {
    for (const { id, src, systemId } of node.invoke) {
      if (typeof src !== 'string' || src.startsWith('xstate.invoke.'))
        refuse(node.id, 'it invokes an actor without a name: name it in setup({ actors })')
      const logic: unknown = machine.implementations.actors[src as string]
      if (isMachine(logic))
        refuse(
          node.id,
          `it invokes the machine "${src as string}": make it a role of its own and send it a message`,
        )
      if (!effects.includes(src as string))
        refuse(
          node.id,
          `it invokes "${src as string}", which is no effect of this role: use ${effects.join(', ')}`,
        )
      if (systemId !== undefined)
        refuse(node.id, `its invoke "${id}" has a systemId: peers are addressed by role`)
      const other = invoked.get(id)
      if (other !== undefined)
        refuse(node.id, `it repeats the invoke id "${id}" of ${other}: give each its own id`)
      invoked.set(id, node.id)
    }
  }

  function checkAction(action: unknown, where: string): void {
    const name = typeof action === 'string' ? action : (action as { type?: string }).type
    const implementation =
      typeof action === 'function'
        ? action
        : name === undefined
          ? undefined
          : machine.implementations.actions[name]
    const kind = (implementation as { type?: string } | undefined)?.type ?? name
    if (kind !== undefined && PURE.has(kind)) return
    if (kind !== undefined && kind in INSTEAD)
      refuse(where, `it uses ${kind.replace('xstate.', '')}, which acts by itself; ${INSTEAD[kind]}`)
    if (implementation === undefined)
      refuse(where, `it names the action "${name}", which its setup does not have`)
    refuse(
      where,
      `its action ${name ? `"${name}"` : 'is a function that'} would be run for its effect, and a machine is pure: use assign, raise, emit, or invoke an effect`,
    )
  }

  function checkNode(node: AnyStateNode): void {
    checkInvokes(node)
    for (const action of [...node.entry, ...node.exit]) checkAction(action, node.id)
    for (const transitions of node.transitions.values()) {
      for (const action of transitions.flatMap((transition) => transition.actions))
        checkAction(action, node.id)
    }
    for (const transition of [...(node.always ?? []), ...(isCompound(node) ? [node.initial] : [])])
      for (const action of transition.actions) checkAction(action, node.id)
    for (const child of Object.values(node.states)) checkNode(child)
  }

  checkNode(machine.root)
  checkContext(machine, refuse)
}

const isMachine = (logic: unknown) =>
  typeof logic === 'object' && logic !== null && 'root' in logic && 'states' in logic

/** Any other kind of state computes something else for its `initial`, or throws. */
const isCompound = (node: AnyStateNode) => node.type === 'compound'

/** `spawn` in the context's factory starts an actor that no record could bring back. */
function checkContext(machine: AnyStateMachine, refuse: (where: string, what: string) => never): void {
  const factory: unknown = machine.config.context
  if (typeof factory !== 'function') return
  let spawned = false
  try {
    factory({
      input: {},
      self: undefined,
      spawn: () => {
        spawned = true
      },
    })
  } catch {
    // It wants an input that it will have when it runs; whether it spawns is then seen by the host.
  }
  if (spawned) refuse('context', 'it spawns an actor: invoke an effect instead')
}
