/** The faults of a mesh at work: which of them strikes now. Each strike is noted. */
import { HEADER } from '../../protocols/envelope.ts'
import type { Fault, Operation } from '../bus/memory/faults.ts'
import type { ModelError } from '../model/model.ts'
import type { MeshFault, MessageFault, Moment, PeerFault } from './fault.ts'

export type Strike = { readonly fault: MeshFault; readonly atMs: number; readonly what: string }

/** Who something happens to. */
export type Victim = { readonly role: string; readonly peers: readonly string[]; readonly name: string }

/** What happens there. */
export type Happening = 'turn' | 'calling' | 'called' | 'taking'

export interface Misfortune {
  /** Faults that befall the victim at that. @param what the tool, `model`, the type of the message */
  at(happening: Happening, what: string, victim: Victim): readonly PeerFault[]
  /** Faults that wait for a time. */
  readonly timed: readonly (PeerFault & { readonly when: { readonly atMs: number } })[]
  onOperation(operation: Operation): Fault
  onModel(victim: Victim): ModelError | undefined
  /** Whether a call of the tool never ends. */
  onTool(tool: string): boolean
  note(fault: MeshFault, what: string): void
  readonly strikes: readonly Strike[]
}

/** Of JetStream, and of the network in memory. */
const ACK_WAIT_MS = 30_000

/** @param elapsed virtual milliseconds since the mesh was there */
export function createMisfortune(faults: readonly MeshFault[], elapsed: () => number): Misfortune {
  const strikes: Strike[] = []
  const counts = new Map<MeshFault, number>()
  const struck = new Set<MeshFault>()
  /** When each message was first delivered, by the fault that befell it. */
  const met = new Map<MessageFault, Map<string, number>>()
  const count = (fault: MeshFault) => {
    const number = (counts.get(fault) ?? 0) + 1
    counts.set(fault, number)
    return number
  }
  const note = (fault: MeshFault, what: string) => void strikes.push({ fault, atMs: elapsed(), what })
  const peerFaults = faults.flatMap((fault) =>
    fault.kind === 'kill' || fault.kind === 'pause' || fault.kind === 'cut' ? [fault] : [],
  )

  /** Turns are counted for each process, all else over all that the fault may befall. */
  const turns = new Map<string, number>()

  return {
    strikes,
    note,
    timed: peerFaults.flatMap((fault) => ('atMs' in fault.when ? [{ ...fault, when: fault.when }] : [])),
    at(happening, what, victim) {
      const made = (turns.get(victim.name) ?? 0) + (happening === 'turn' ? 1 : 0)
      turns.set(victim.name, made)
      return peerFaults.filter((fault) => {
        if (struck.has(fault) || !isAbout(fault, victim)) return false
        const isNow =
          'afterTurns' in fault.when
            ? happening === 'turn' && made >= fault.when.afterTurns
            : isMoment(fault.when, happening, what) && count(fault) === timeOf(fault.when)
        if (!isNow) return false
        struck.add(fault)
        return true
      })
    },
    onOperation({ kind, headers }) {
      if (kind !== 'delivery' || headers === undefined) return {}
      const [type, id] = [headers[HEADER.type], headers[HEADER.id]!]
      let befalls: Fault = {}
      for (const fault of faults) {
        if (!('message' in fault) || fault.message !== type) continue
        const known = met.get(fault) ?? new Map<string, number>()
        met.set(fault, known)
        const isFirst = !known.has(id)
        const since = known.get(id) ?? elapsed()
        known.set(id, since)
        if (isFirst) note(fault, id)
        if (fault.kind === 'duplicate') befalls = { ...befalls, duplicate: isFirst }
        else {
          // A later delivery of what is still on its way comes no sooner.
          const ms = fault.kind === 'delay' ? fault.ms : ACK_WAIT_MS
          befalls = { ...befalls, delayMs: Math.max(0, since + ms - elapsed()) }
        }
      }
      return befalls
    },
    onModel(victim) {
      for (const fault of faults) {
        if (fault.kind !== 'model' || !isAbout(fault, victim)) continue
        const number = count(fault)
        if (number < fault.call || number >= fault.call + fault.times) continue
        note(fault, victim.name)
        return fault.error
      }
      return undefined
    },
    onTool(tool) {
      const fault = faults.find((one) => one.kind === 'hang' && one.tool === tool)
      if (fault?.kind !== 'hang' || count(fault) > fault.times) return false
      note(fault, tool)
      return true
    },
  }
}

const isAbout = ({ who }: { readonly who: string }, { role, peers }: Victim) =>
  who === role || peers.includes(who)

function isMoment(when: Moment, happening: Happening, what: string): boolean {
  const wanted = (when as Readonly<Record<string, unknown>>)[happening]
  return wanted !== undefined && wanted === what
}

const timeOf = (when: Moment) => ('time' in when ? (when.time ?? 1) : 1)
