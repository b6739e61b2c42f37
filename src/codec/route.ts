/**
 * What stands on a frame for those who pass it on: where it shall end, and who had it already. They read no more of it
 * than its id; a message of a protocol that they do not know is passed on like any other.
 */
import { z } from 'zod'
import { type Passage, passageSchema } from '../../protocols/address.ts'
import { HEADER } from '../../protocols/envelope.ts'
import { InvalidError } from '../../protocols/errors.ts'
import { type ConversationId, type MessageId, messageIdSchema, partsOf } from '../../protocols/ids.ts'
import type { Frame } from '../bus/frame.ts'
import { type Mailbox, mailboxSubject, parseMailbox } from '../bus/mailboxes.ts'

/** A frame that is only passing by. */
export type Route = {
  readonly id: MessageId
  readonly conversation: ConversationId
  /** The mailbox that it shall end in. */
  readonly to: Mailbox
  readonly trail: readonly Passage[]
  /** Tells one message from another that got its number. */
  readonly sentAt: string
}

const trailSchema = z.array(passageSchema)

/** Undefined for a frame that is to be taken where it is. @throws InvalidError `invalid.route` */
export function routeOf({ headers }: Frame): Route | undefined {
  const to = headerIn(headers, HEADER.route)
  if (to === undefined) return undefined
  const id = messageIdSchema.safeParse(headerIn(headers, HEADER.id))
  const mailbox = parseMailbox(to)
  const trail = trailIn(headers)
  if (!id.success || mailbox === undefined || trail === undefined)
    throw new InvalidError('route', `a message is to be passed on to "${to}", and its way cannot be read`)
  const sentAt = headerIn(headers, HEADER.sentAt) ?? ''
  return { id: id.data, conversation: partsOf(id.data).to, to: mailbox, trail, sentAt }
}

/** A frame as somebody gets it who shall pass it on. */
export const routed = (frame: Frame, to: Mailbox): Frame => ({
  ...frame,
  headers: { ...without(frame.headers, [HEADER.route]), [HEADER.route]: mailboxSubject(to) },
})

/** A frame that goes on: with one more who had it, and no further way where it comes to its end. */
export const passedOn = (frame: Frame, passage: Passage): Frame => ({
  ...frame,
  headers: {
    ...without(frame.headers, [HEADER.route, HEADER.trail]),
    [HEADER.trail]: JSON.stringify([...(trailIn(frame.headers) ?? []), passage]),
  },
})

/** A frame at the end of its way. */
export const arrived = (frame: Frame): Frame => ({
  ...frame,
  headers: without(frame.headers, [HEADER.route]),
})

/** A frame that nobody passes on: its addressee takes note of it, and tells its sender. */
export const barred = (frame: Frame, reason: string): Frame => ({
  ...frame,
  headers: { ...without(frame.headers, [HEADER.route]), [HEADER.barred]: encodeURIComponent(reason) },
})

/** Why it was not passed on, where it was not. */
export function barredBecause({ headers }: Frame): string | undefined {
  const reason = headerIn(headers, HEADER.barred)
  try {
    return reason && decodeURIComponent(reason)
  } catch {
    return reason
  }
}

function trailIn(headers: Frame['headers']): readonly Passage[] | undefined {
  try {
    return trailSchema.safeParse(JSON.parse(headerIn(headers, HEADER.trail) ?? '[]')).data
  } catch {
    return undefined
  }
}

const headerIn = (headers: Frame['headers'], name: string): string | undefined =>
  headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]

function without(headers: Frame['headers'], names: readonly string[]): Frame['headers'] {
  const gone = new Set(names.map((name) => name.toLowerCase()))
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !gone.has(name.toLowerCase())))
}
