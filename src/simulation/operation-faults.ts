/** What befalls single operations: on the network, and the process that asks for them. */
import type { Fault, Faults, Operation } from '../bus/memory/faults.ts'
import type { SeededRandom } from '../time/random.ts'
import type { Profile } from './profile.ts'
import { createDraws, pick, type Schedule } from './schedule.ts'

type Kind = keyof Profile['operations']

/** Longest delay that is nothing special, and longest at all: past a request's patience, a lease's life, an ack's wait. */
const DELAY_MS = 3_000
const STALL_MS = { least: 5_000, most: 45_000 }

/** Which faults make sense for what. */
const KINDS: Readonly<Record<Operation['kind'], readonly Kind[]>> = {
  read: ['delay', 'stall', 'unanswered', 'stale', 'crash'],
  write: ['delay', 'stall', 'unanswered', 'forgotten', 'crash'],
  settle: ['delay', 'drop', 'crash'],
  signal: ['delay', 'drop', 'duplicate'],
  delivery: ['delay', 'stall', 'duplicate', 'reorder'],
  update: ['delay'],
}
const ONLY_OF: Partial<Record<Kind, RegExp>> = {
  stale: /^records\.(read|latest|history)$/,
  forgotten: /^mailboxes\.put$/,
}

export type OperationFaultsOptions = {
  readonly seed: number
  readonly rates: Profile['operations']
  readonly schedule: Schedule
  /** Whether faults strike now. */
  readonly stormy: () => boolean
}

/** @param roleOf the role of a client, by which its operations are known whoever does them; undefined for no client */
export function networkFaults(
  { seed, rates, schedule, stormy }: OperationFaultsOptions,
  roleOf: (client: string) => string | undefined,
): Faults {
  const draws = createDraws(seed, 'network')
  return (operation) => {
    const role = roleOf(operation.client)
    if (role === undefined || !stormy()) return {}
    const { kind, name, key } = operation
    const { id, random } = draws.next(`${role} ${kind} ${name} ${key}`)
    const possible = KINDS[kind].filter((fault) => ONLY_OF[fault]?.test(name) ?? true)
    const struck = pick(random, possible, rates)
    if (struck === undefined) return {}
    const { fault, how } = faultOf(struck, kind, random)
    return schedule.strikes(id, struck, `${name} ${key} of ${role}${how}`) ? fault : {}
  }
}

function faultOf(struck: Kind, kind: Operation['kind'], random: SeededRandom): { fault: Fault; how: string } {
  switch (struck) {
    case 'delay':
    case 'stall': {
      const { least, most } = struck === 'delay' ? { least: 1, most: DELAY_MS } : STALL_MS
      // More short ones than long ones; on the way there, or on the way back.
      const ms = least + Math.floor((most - least) * random.next() ** 2)
      const isBack = (kind === 'read' || kind === 'write') && random.next() < 0.5
      return { fault: isBack ? { answerMs: ms } : { delayMs: ms }, how: `, ${ms} ms${isBack ? ' back' : ''}` }
    }
    case 'crash': {
      // Where a turn is cut in two decides what is left of it.
      const crash = random.next() < 0.5 ? 'before' : 'after'
      return { fault: { crash }, how: `, ${crash} it` }
    }
    default:
      return { fault: { [struck]: true }, how: '' }
  }
}
