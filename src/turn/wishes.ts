/** What a run wants of the turns of its conversations: part of what each turn is given. */
import type { RunRecord } from '../run/run-record.ts'
import type { TurnContext } from './draft.ts'

export const wishesOf = (
  run: Pick<RunRecord, 'topology' | 'people' | 'sampled'> | undefined,
): Pick<TurnContext, 'wiring' | 'approve' | 'sampled'> => ({
  wiring: run?.topology?.wiring === 'hub' ? 'hub' : 'peers',
  approve: run?.people?.approve,
  sampled: run?.sampled,
})
