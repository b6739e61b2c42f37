/** Results as somebody reads them who may send them back. */
import type { Given, WorkResult } from './work.ts'

/** What a look reads: the work, and what it rests on. */
export const toRead = ({ tokens, wrong, given }: WorkResult): Given => ({
  tokens: tokens + given.tokens,
  wrong,
})

/** What work rests on that is done anew: the same as before, and the work that was faulty. */
export const againFrom = ({ tokens, given }: WorkResult): Given => ({
  ...given,
  tokens: given.tokens + tokens,
})
