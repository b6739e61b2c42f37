/** Whether an answer that did not come could have. It is part of the input of a turn, since a turn asks nobody (T5). */
import type { Leases } from '../bus/leases.ts'
import { roleOfLease } from '../topology/view.ts'
import type { ConversationRecord } from './record.ts'
import type { TurnInput } from './turn-input.ts'

type Overdue = TurnInput & { readonly kind: 'overdue' }

/** The input with what is known of the role that was asked: whether any peer of it is there. */
export async function withAbsence(
  input: Overdue,
  record: ConversationRecord | undefined,
  leases: Pick<Leases, 'list'>,
): Promise<Overdue> {
  const role = record?.awaiting.find(({ id }) => id === input.message)?.to.role
  if (role === undefined || input.isNobodyThere !== undefined) return input
  const held = await leases.list('peer').catch(() => undefined) // then it is only late
  const isNobodyThere = held !== undefined && !held.some((lease) => roleOfLease(lease) === role)
  return { ...input, isNobodyThere }
}
