/** Messages of a replay: those that a limit kept from being sent are in the recording, and nothing is counted anew. */
import type { MessageQuotas } from '../run/quotas.ts'
import type { Course } from './course.ts'

export const recordedQuotas = (course: Course): MessageQuotas => ({
  bookMessages: async () => (course.next()?.limit === 'messages' ? { why: 'closed' } : undefined),
  giveBackMessages: async () => {},
})
