/** What a model says of a result that it read. */
import { z } from 'zod'
import type { ChatReply } from '../../src/model/model.ts'

export const verdict = {
  type: 'verdict',
  body: z.object({ found: z.boolean().describe('whether something is wrong with it') }),
} as const

/** Whether a model found something wrong. One that says nothing of use found nothing. */
export const isFound = ({ answer }: Pick<ChatReply, 'answer'>): boolean =>
  verdict.body.safeParse(answer?.body).data?.found ?? false
