/** A role as the host's turns see it. */
import { gateOf } from '../people/gate.ts'
import type { Behaviour } from '../turn/behaviour.ts'
import { createInterpreter } from '../turn/interpreter.ts'
import type { Role } from './define.ts'

export function behaviourOf(role: Role): Behaviour {
  return {
    role: role.name,
    description: role.description,
    machine: { name: role.machine.id, version: role.version },
    interpreter: createInterpreter(role.machine),
    gate: gateOf(role),
    migrate: role.migrate,
    accepts: new Map(role.accepts.map((definition) => [definition.type, definition])),
    sends: new Map(role.sends.map((definition) => [definition.type, definition])),
  }
}
