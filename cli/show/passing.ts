/** A message as it passes, for people and for programs. What does not parse is shown as far as it can be read. */
import { nameOf } from '../../protocols/ids.ts'
import type { Frame } from '../../src/bus/frame.ts'
import { type Mailbox, mailboxSubject } from '../../src/bus/mailboxes.ts'
import { type Codec, UndeliverableError } from '../../src/codec/codec.ts'
import { routeOf } from '../../src/codec/route.ts'
import { ORIGIN_ROLE } from '../../src/run/origin-address.ts'
import { gist } from './gist.ts'
import { cut, fit, type Screen } from './terminal.ts'

export type Passing = {
  readonly mailbox: string
  readonly id?: string
  readonly type?: string
  readonly run?: string
  readonly sentAt?: number
  readonly from?: { readonly role: string; readonly peer: string; readonly conversation: string }
  readonly to?: { readonly role: string; readonly conversation: string }
  readonly correlation?: string
  /** Peers that passed it on, oldest first, and the mailbox that it shall end in, where this one only passes it on. */
  readonly through?: readonly string[]
  readonly route?: string
  readonly body?: unknown
  /** Why it cannot be read. */
  readonly problem?: string
}

export function readPassing(codec: Codec, mailbox: Mailbox, frame: Frame): Passing {
  const route = wayOf(frame)
  const around = { mailbox: mailboxSubject(mailbox), ...(route && { route }) }
  try {
    const { id, type, run, sentAt, from, to, correlation, trail, body } = codec.decode(frame)
    const through = trail && { through: trail.map(({ peer }) => peer) }
    return {
      ...around,
      id,
      type,
      run,
      sentAt,
      from,
      to,
      ...(correlation && { correlation }),
      ...through,
      body,
    }
  } catch (error) {
    if (!(error instanceof UndeliverableError)) throw error
    if (error.envelope === undefined) return { problem: error.message, ...around }
    const { id, type, run, sentAt, from, to } = error.envelope
    // A message of a protocol that is not known here has a body all the same.
    return { id, type, run, sentAt, from, to, body: jsonOf(frame.body), ...around }
  }
}

const FROM_CELLS = 14
const TO_CELLS = 28
const TYPE_CELLS = 16

/** `12:01:02.345  coder-1        → researcher/fix-q1     question.ask      how are slugs made?` */
export function showPassing(passing: Passing, { paint, ...screen }: Screen): string {
  const { sentAt, to, type, body, problem, mailbox, route } = passing
  const time = sentAt === undefined ? '            ' : new Date(sentAt).toISOString().slice(11, 23)
  const end = to === undefined ? mailbox : `${to.role}/${nameOf(to.conversation as never)}`
  const target = route === undefined ? end : `${mailbox.replace(/^peer\./, '')} for ${end}`
  const lead = `${time}  ${fit(senderOf(passing), FROM_CELLS)} → ${fit(target, TO_CELLS)}  ${fit(type ?? '?', TYPE_CELLS)}  `
  const said = cut(gist(type ?? '', body ?? problem), Math.max(20, screen.width() - lead.length))
  return `${paint('dim', lead.slice(0, time.length))}${lead.slice(time.length)}${paint(type === 'failure' ? 'red' : 'dim', said)}`
}

/** Who passed it on last, or sent it. An origin is named after its run, which says the rest. */
const senderOf = ({ from, through }: Passing): string =>
  from?.role === ORIGIN_ROLE ? ORIGIN_ROLE : (through?.at(-1) ?? from?.peer ?? '?')

function wayOf(frame: Frame): string | undefined {
  try {
    const route = routeOf(frame)
    return route && mailboxSubject(route.to)
  } catch {
    return undefined
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
