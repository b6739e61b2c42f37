/** Every message a process can read, by type. A process may know several versions of one protocol. */
import type { MessageDefinition, Protocol } from './define.ts'
import { InvalidError } from './errors.ts'

export interface Registry {
  readonly protocols: readonly Protocol[]
  /**
   * The definition of a type at a version.
   * @throws UnknownMessageError naming the versions that are known
   */
  find(type: string, version: number): MessageDefinition
}

/** A message of a type or version that this process does not know. */
export class UnknownMessageError extends InvalidError {
  readonly type: string
  readonly version: number
  readonly known: readonly number[]

  constructor(type: string, version: number, known: readonly number[]) {
    super(
      known.length === 0 ? 'unknown-type' : 'unknown-version',
      known.length === 0
        ? `no protocol here has a message "${type}": register its protocol with this peer`
        : `"${type}" came in version ${version}; this peer knows ${known.join(', ')}: upgrade the older side`,
    )
    this.type = type
    this.version = version
    this.known = known
  }
}

/**
 * @param more messages of protocols that are not here as a whole: those of somebody's own roles
 * @throws InvalidError `invalid.protocol` when two protocols claim the same message and version
 */
export function createRegistry(
  protocols: readonly Protocol[],
  more: readonly MessageDefinition[] = [],
): Registry {
  const byType = new Map<string, Map<number, MessageDefinition>>()
  for (const definition of [...protocols.flatMap((protocol) => Object.values(protocol.messages)), ...more]) {
    const versions = byType.get(definition.type) ?? new Map<number, MessageDefinition>()
    if (versions.has(definition.version) && versions.get(definition.version) !== definition) {
      throw new InvalidError(
        'protocol',
        `two protocols define "${definition.type}" version ${definition.version}`,
      )
    }
    byType.set(definition.type, versions.set(definition.version, definition))
  }
  return {
    protocols,
    find(type, version) {
      const versions = byType.get(type)
      const definition = versions?.get(version)
      if (definition === undefined)
        throw new UnknownMessageError(type, version, [...(versions?.keys() ?? [])])
      return definition
    },
  }
}
