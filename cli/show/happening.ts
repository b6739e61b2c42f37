/**
 * What a commit means to somebody who follows the run: a line for each thing worth telling, none for the rest. What
 * waits for a person is told with every commit that has it waiting, since one may begin to follow at any.
 */
import { assertNever } from '../../protocols/errors.ts'
import { failure } from '../../protocols/failure.ts'
import { nameOf } from '../../protocols/ids.ts'
import { question } from '../../protocols/question.ts'
import { review } from '../../protocols/review.ts'
import { run } from '../../protocols/run.ts'
import { ORIGIN_ROLE } from '../../src/run/origin-address.ts'
import type { ConversationRecord, OutboxEntry } from '../../src/turn/record.ts'
import { faultOf, faultText } from './fault.ts'
import { gist } from './gist.ts'
import { oneLine } from './terminal.ts'
import { pendingWaits } from './wait.ts'

const IDLE = run.messages.idle.type

export type Happening = {
  /** Milliseconds since 1970, by the clock of whoever committed it. */
  readonly at: number
  readonly peer: string
  readonly kind:
    | 'takes'
    | 'asks'
    | 'answers'
    | 'hands out'
    | 'delivers'
    | 'sends back'
    | 'approves'
    | 'tells'
    | 'fails'
    | 'waits'
    | 'retries'
  readonly text: string
}

export function happenings(record: ConversationRecord): Happening[] {
  const { at, by, role, conversation, turn, took } = record
  const name = nameOf(conversation)
  const peer = role === ORIGIN_ROLE ? ORIGIN_ROLE : by.peer
  // An answer goes to all who wait for it, and is told once.
  const said = record.outbox.filter(({ message }) => message.type !== IDLE) // of use to the accounts only
  const lines = said.map(({ message }) => toldBy(message, record))
  const told = [...new Map(lines.map((line) => [line.text, { at, peer, ...line }])).values()]
  // What to type comes first, since a line may be cut.
  const waits = pendingWaits(record).map(
    ({ command, what }): Happening => ({
      at,
      peer,
      kind: 'waits',
      text: `waits for you: ${command} (${what})`,
    }),
  )
  const fault = faultOf(record)
  if (fault !== undefined) told.push({ at, peer, kind: 'retries', text: oneLine(faultText(fault)) })
  if (took.event === 'takeover') return [{ at, peer, kind: 'takes', text: `takes ${name} over` }, ...waits]
  if (turn > 1 || role === ORIGIN_ROLE) return [...told, ...waits]
  return [{ at, peer, kind: 'takes', text: `takes ${name}` }, ...told, ...waits]
}

function toldBy(
  message: OutboxEntry['message'],
  { awaiting, conversation }: ConversationRecord,
): Pick<Happening, 'kind' | 'text'> {
  const { type, body, to } = message
  const said = gist(type, body)
  const [from, target] = [nameOf(conversation), nameOf(to.conversation)]
  const kind = kindOf(message, awaiting)
  switch (kind) {
    case 'fails':
      return { kind, text: `gives ${from} up: ${said}` }
    case 'sends back':
      return { kind, text: `sends ${target} back, ${said}` }
    case 'approves':
      return { kind, text: `approves: ${said}` }
    case 'asks':
      return { kind, text: `asks ${to.role}: ${said}` }
    case 'answers':
      return { kind, text: `answers ${target}: ${said}` }
    case 'delivers':
      return { kind, text: `delivers ${from}: ${said}` }
    case 'hands out':
      return { kind, text: `hands ${target} to ${to.role}: ${said}` }
    case 'takes':
    case 'waits':
    case 'retries':
    case 'tells':
      return { kind, text: `tells ${to.role}: ${said}` }
    default:
      return assertNever(kind)
  }
}

function kindOf(
  { id, type, slip, correlation }: OutboxEntry['message'],
  awaiting: ConversationRecord['awaiting'],
): Happening['kind'] {
  if (type === failure.messages.failure.type) return 'fails'
  if (type === review.messages.revise.type) return 'sends back'
  if (type === review.messages.approve.type) return 'approves'
  if (type === question.messages.ask.type) return 'asks'
  if (type === question.messages.answer.type) return 'answers'
  if (correlation !== undefined) return 'delivers'
  return slip.length > 0 || awaiting.some((one) => one.id === id) ? 'hands out' : 'tells'
}
