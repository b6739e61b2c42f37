/** What is asked now and then of a process that hosts peers: how much waits for their roles, and how much is under way. */
import type { RoleName } from '../../protocols/ids.ts'
import type { Meter } from '../../traces/meter.ts'
import { METRIC } from '../../traces/metrics.ts'
import { SKEIN } from '../../traces/names.ts'
import type { Mailboxes } from '../bus/mailboxes.ts'

export type GaugeOptions = {
  readonly meter?: Meter | undefined
  readonly mailboxes: Pick<Mailboxes, 'depth'>
  readonly roles: readonly RoleName[]
  /** Effects in flight, over all peers of a role here. */
  readonly effects: (role: RoleName) => number
}

/** Until the answer is called. Every process of a role tells of the same mailbox: its depth is no sum. */
export function observeRoles({ meter, mailboxes, roles, effects }: GaugeOptions): () => void {
  if (meter === undefined) return () => {}
  const stops = [...new Set(roles)].flatMap((role) => {
    const of = { [SKEIN.role]: role }
    return [
      meter.observe(METRIC.depth, () => mailboxes.depth({ kind: 'role', role }), of),
      meter.observe(METRIC.effects, () => effects(role), of),
    ]
  })
  return () => {
    for (const stop of stops) stop()
  }
}
