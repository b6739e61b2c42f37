/**
 * Dead letters: messages that could not be dealt with, as they came and with the reason, in the journal `dead`. Nobody
 * reads them by himself; people list them, send them once more, or drop them.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { HEADER } from '../../protocols/envelope.ts'
import {
  conversationId,
  messageId,
  messageIdSchema,
  partsOf,
  peerIdSchema,
  runIdSchema,
} from '../../protocols/ids.ts'
import { ConflictError, TooLargeError } from '../bus/errors.ts'
import type { Frame } from '../bus/frame.ts'
import type { Mailbox } from '../bus/mailboxes.ts'
import type { RecordEntry, Records } from '../bus/records.ts'
import { formatStake, NO_STAKE } from '../run/stake.ts'
import { mailboxSchema } from './way.ts'

const letterSchema = z.object({
  format: z.literal(1),
  /** Why it is dead, for people. */
  reason: z.string(),
  mailbox: mailboxSchema,
  /** The peer that gave it up, and when by its clock. */
  by: peerIdSchema,
  at: z.number(),
  headers: z.record(z.string(), z.string()),
  /** In base64; null where the letter would not have fitted into a record. */
  body: z.string().nullable(),
})

type Letter = z.infer<typeof letterSchema>
export type DeadLetter = Letter & {
  /** `<run>.<digest>`: the same for the same message, so that it is buried once. */
  readonly id: string
}

export interface DeadLetters {
  /** Once for each message, however often it is called; answers whether it lay there not yet. @throws AmbiguousError, UnavailableError */
  bury(frame: Frame, letter: Pick<Letter, 'reason' | 'mailbox' | 'by' | 'at'>): Promise<boolean>
  /** Oldest first. */
  list(): Promise<DeadLetter[]>
  /** Forgets it. */
  drop(letter: DeadLetter): Promise<void>
}

const DEAD = 'dead'
/** For what does not say which run it is of. */
const NO_RUN = 'none'

export function deadLetters(records: Records): DeadLetters {
  async function store(key: string, letter: Letter): Promise<boolean> {
    const bytes = Buffer.from(JSON.stringify(letter))
    try {
      await records.append(key, bytes, 0)
      return true
    } catch (error) {
      if (error instanceof ConflictError) return false // it lies there already
      if (!(error instanceof TooLargeError) || letter.body === null) throw error
      return store(key, { ...letter, body: null })
    }
  }

  return {
    bury: (frame, letter) =>
      store(`${DEAD}.${idOf(frame)}`, {
        format: 1,
        ...letter,
        headers: { ...frame.headers },
        body: Buffer.from(frame.body).toString('base64'),
      }),
    async list() {
      const letters = (await records.latest(DEAD)).flatMap((entry) => read(entry) ?? [])
      return letters.sort((a, b) => a.at - b.at)
    },
    drop: ({ id }) => records.purge(`${DEAD}.${id}`),
  }
}

/** Undefined for what somebody else wrote there. */
function read({ key, value }: RecordEntry): DeadLetter | undefined {
  try {
    const { data } = letterSchema.safeParse(JSON.parse(Buffer.from(value).toString()))
    return data && { ...data, id: key.slice(DEAD.length + 1) }
  } catch {
    return undefined
  }
}

function idOf(frame: Frame): string {
  const run = runIdSchema.safeParse(headerOf(frame.headers, HEADER.run)).data ?? NO_RUN
  const digest = createHash('sha256')
    .update(JSON.stringify(Object.entries(frame.headers).sort()))
    .update(frame.body)
  return `${run}.${digest.digest('hex').slice(0, 16)}`
}

const headerOf = (headers: Frame['headers'], name: string): string | undefined =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]

/**
 * The message again, as another one: its addressee has taken note of the old id when it gave it up. What answers it
 * goes where the answer to the old one would have gone; a sender that has given up waiting drops it. It carries no
 * stake. Undefined where the body was not kept.
 * @param nonce tells this try from others
 */
export function revived(
  { headers, body, mailbox }: DeadLetter,
  nonce: string,
): { frame: Frame; mailbox: Mailbox } | undefined {
  if (body === null) return undefined
  const bytes = Uint8Array.from(Buffer.from(body, 'base64'))
  const id = messageIdSchema.safeParse(headerOf(headers, HEADER.id)).data
  const run = runIdSchema.safeParse(headerOf(headers, HEADER.run)).data
  const sender = headerOf(headers, HEADER.from)?.split('/')
  // Without an envelope nobody has taken note of it.
  if (id === undefined || run === undefined || sender?.length !== 2)
    return { frame: { headers, body: bytes }, mailbox }
  const { from, to } = partsOf(id)
  const [role, peer] = sender as [string, string]
  const kept = Object.entries(headers).filter(([name]) => !REPLACED.has(name.toLowerCase()))
  const slip =
    headerOf(headers, HEADER.slip) ?? JSON.stringify([{ role, peer, conversation: from, correlation: id }])
  return {
    mailbox,
    frame: {
      headers: {
        ...Object.fromEntries(kept),
        [HEADER.id]: messageId(conversationId(run, `retry-${nonce}`), to, 1),
        [HEADER.slip]: slip,
        [HEADER.stake]: formatStake(NO_STAKE),
      },
      body: bytes,
    },
  }
}

const REPLACED = new Set([HEADER.id, HEADER.slip, HEADER.stake].map((name) => name.toLowerCase()))
