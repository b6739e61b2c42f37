/**
 * Who is there, as the leases say: the view that graphs and placements are computed over. It is a moment old, and
 * everybody has one of his own; what two of them decide differently is mended on the way, not prevented.
 */
import { z } from 'zod'
import { type PeerId, peerIdSchema, type RoleName, roleNameSchema } from '../../protocols/ids.ts'
import type { LeaseEntry, Leases } from '../bus/leases.ts'
import type { Clock } from '../time/clock.ts'
import type { Member } from './member.ts'

export type Present = Member & {
  /** Another process finishes what it left: it passes on, and takes no new work. */
  readonly adopted: boolean
}

export interface View {
  /** The same list, until somebody comes or goes. @throws UnavailableError */
  present(): Promise<readonly Present[]>
}

/** What the lease of a peer says, for whoever lists the leases. */
export type LeaseNote = {
  readonly host: string
  readonly pid: number
  readonly role: RoleName
  readonly adopted?: boolean
}

const noteSchema = z.object({ role: roleNameSchema, adopted: z.boolean().default(false) })

/** Milliseconds that a look is good for. */
const FRESH_MS = 500

export function createView(leases: Leases, clock: Clock): View {
  let seen: readonly Present[] = []
  let signature = ''
  let lookedAt = Number.NEGATIVE_INFINITY
  let look: Promise<void> | undefined

  async function lookAround(): Promise<void> {
    const at = clock.now()
    const listed = await leases.list('peer')
    const now = listed.map(({ key, value }) => `${key} ${value}`).join('\n')
    if (now !== signature) seen = listed.flatMap(presentIn)
    signature = now
    lookedAt = at
  }

  return {
    async present() {
      if (clock.now() - lookedAt >= FRESH_MS) {
        look ??= lookAround().finally(() => {
          look = undefined
        })
        await look
      }
      return seen
    },
  }
}

/** Leases that say no role are of origins, or borrowed. */
function presentIn({ key, value }: LeaseEntry): Present[] {
  const peer = peerIdSchema.safeParse(key.slice('peer.'.length))
  const note = noteSchema.safeParse(jsonIn(value))
  return peer.success && note.success ? [{ peer: peer.data, ...note.data }] : []
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of whoever holds it: as the lease says, or else as its name does. */
export function roleOfLease({ key, value }: LeaseEntry): RoleName | undefined {
  const { data } = noteSchema.safeParse(jsonIn(value))
  return data?.role ?? roleInName(key.slice('peer.'.length) as PeerId)
}

/** By its name, `coder-1`. Undefined for a name that says nothing. */
export const roleInName = (peer: PeerId): RoleName | undefined =>
  roleNameSchema.safeParse(peer.slice(0, Math.max(0, peer.lastIndexOf('-')))).data
