/** The supervisor without a model: hands out, at once, whatever has all it needs, and passes revisions on as they are. */
import type { ReviewRevise } from '../../protocols/review.ts'
import type { SupervisionPlan } from '../../protocols/supervision.ts'
import type { TaskResult } from '../../protocols/task.ts'
import type { TranscriptEntry } from '../../src/model/model.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { type Board, boardFor, type Failed, openIn, ordered, sentBack, withReply } from './board.ts'
import { type Orders, ordersAnswer } from './orders.ts'

export const superviseOffline: OfflinePolicy = ({ transcript }) => {
  const board = transcript
    .filter((_, index) => !isRejected(transcript, index))
    .reduce<Board | undefined>(read, undefined)
  if (board === undefined) return { kind: 'give-up', reason: 'there is no plan' }
  const open = openIn(board)
  const orders: Orders = {
    summary: open.length === 0 ? 'nothing new can be done yet' : `can be done now: ${open.join(', ')}`,
    handOut: open.map((task) => ({ task, note: '' })),
  }
  return { kind: 'answer', type: ordersAnswer.type, body: orders }
}

/** Orders that were not followed: the model was told what is wrong with them. */
const isRejected = (transcript: readonly TranscriptEntry[], index: number) =>
  transcript[index]!.kind === 'reply' && transcript[index + 1]?.kind === 'correction'

/** The board after an entry: the machine writes into each message which task it is about. */
function read(board: Board | undefined, entry: TranscriptEntry): Board | undefined {
  if (entry.kind === 'message' && entry.type === 'supervision.plan')
    return boardFor(entry.body as SupervisionPlan)
  if (board === undefined) return undefined
  if (entry.kind === 'reply') return entry.answer ? ordered(board, entry.answer.body as Orders) : board
  if (entry.kind !== 'message') return board
  const { task } = entry.body as { readonly task: string }
  switch (entry.type) {
    case 'task.result':
      return withReply(board, task, { kind: 'done', result: entry.body as TaskResult })
    case 'failure':
      return withReply(board, task, { kind: 'failed', failure: entry.body as Failed })
    case 'review.revise':
      return sentBack(board, task, {
        id: null,
        from: entry.from,
        body: entry.body as ReviewRevise,
        state: 'open',
      })
    default:
      return board
  }
}
