/**
 * One pull request: a consumer is asked for some messages and sends them as they come, until it has sent so many or
 * the time is over. Each request has an inbox of its own, so that it can be taken back: the server sends nothing to
 * an inbox without a subscriber, and what it had sent before still arrives.
 *
 * The client's own `consume` and `fetch` ask for more than was asked of them, or drop what arrives after the end.
 */
import { createInbox, type Msg, nanos } from '@nats-io/transport-node'
import type { Connection } from './connection.ts'

export type PullRequest = {
  readonly stream: string
  readonly consumer: string
  readonly batch: number
  /** A delivery; it may still come after `cancel`. */
  readonly onMessage: (message: Msg) => void
  /** No more will come, though fewer than `batch` came. `fault` is absent where just the time was over. */
  readonly onEnd: (fault?: string) => void
}

export interface Pull {
  /** Messages that may still come. */
  open(): number
  /** Takes the request back; resolves when nothing more can come. */
  cancel(): Promise<void>
}

/** How long a request stands. One that the server lost, in a change of leader for one, is missed only afterwards. */
const EXPIRES_MS = 2_000
/** What the server's word that the time is over may take. */
const GRACE_MS = 3_000
/** The fault of a request that nobody answered: the server lost it, or we were too busy to hear. */
export const SILENCE = 'the server is silent'

/** What the server says to a request, by the code of its status. */
const STATUS = { noMessages: 404, timeOver: 408, noResponders: 503 } as const

export function pull(connection: Connection, request: PullRequest): Pull {
  const { nats, clock } = connection
  const inbox = createInbox()
  let open = request.batch
  const subscription = nats.subscribe(inbox, {
    callback: (error, message) => {
      if (error) end(error.message)
      else if (message.reply) arrive(message)
      else hear(message.headers?.code ?? 0, message.headers?.description ?? '')
    },
  })
  const timer = clock.setTimer(EXPIRES_MS + GRACE_MS, () => end(SILENCE))
  const forget = connection.onClose(cancel)

  function arrive(message: Msg): void {
    if (open === 1) finish()
    else if (open > 1) open -= 1
    request.onMessage(message)
  }

  function hear(code: number, description: string): void {
    if (code === STATUS.timeOver || code === STATUS.noMessages) end()
    else end(code === STATUS.noResponders ? 'nobody takes requests' : description)
  }

  function end(fault?: string): void {
    if (open === 0) return
    finish()
    request.onEnd(fault)
  }

  function finish(): void {
    settle()
    subscription.unsubscribe()
  }

  async function cancel(): Promise<void> {
    if (open === 0) return
    settle()
    // Draining tells the server first, and lets what is on its way come in.
    await subscription.drain().catch(() => {})
  }

  function settle(): void {
    open = 0
    timer.cancel()
    forget()
  }

  const body = JSON.stringify({ batch: request.batch, expires: nanos(EXPIRES_MS) })
  nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${request.stream}.${request.consumer}`, body, { reply: inbox })
  return { open: () => open, cancel }
}
