/**
 * Between a run and a peer process that it started: over Node's IPC channel the peer says that it is there, and the
 * end of the channel tells it that the run has let go of it, or died.
 */
import { z } from 'zod'
import { peerIdSchema, roleNameSchema } from '../../protocols/ids.ts'
import type { Member } from './muster.ts'

const readySchema = z.object({
  ready: z.array(
    z.object({
      peer: peerIdSchema,
      role: roleNameSchema,
      pid: z.number().int(),
      model: z.string(),
      sandbox: z.string().optional(),
    }),
  ),
})

/** What a peer process said, or undefined where it is something else. */
export const readReady = (message: unknown): readonly Member[] | undefined =>
  readySchema.safeParse(message).data?.ready

export type Tether = {
  sayReady(members: readonly Member[]): void
  /** Aborted when the run has let go. */
  readonly cut: AbortSignal
}

/** The tether of this process, or undefined where no run started it. */
export function ownTether(): Tether | undefined {
  if (process.send === undefined) return undefined
  const cut = new AbortController()
  if (!process.connected) cut.abort()
  process.once('disconnect', () => cut.abort())
  return {
    sayReady(members) {
      // A run that died meanwhile cuts the tether, and that is answer enough.
      if (process.connected) process.send?.({ ready: members }, () => {})
    },
    cut: cut.signal,
  }
}
