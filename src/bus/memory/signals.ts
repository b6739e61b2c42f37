/** Signals in memory: each is carried to every subscription there is when it is published. */
import type { Frame } from '../frame.ts'
import type { Signals, Subject } from '../signals.ts'
import { type Feed, openFeed } from './feed.ts'
import type { Link } from './link.ts'
import { checkSize, copyFrame, frameBytes } from './payload.ts'

export type SignalsOptions = { readonly maxPayloadBytes: number }

type Subscriber = {
  readonly link: Link
  readonly pattern: readonly string[]
  readonly feed: Feed<{ readonly subject: Subject; readonly frame: Frame }>
}

function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  const rest = pattern.at(-1) === '>' ? pattern.length - 1 : undefined
  if (rest === undefined ? subject.length !== pattern.length : subject.length <= rest) return false
  return pattern.slice(0, rest).every((token, index) => token === '*' || token === subject[index])
}

export function memorySignals({ maxPayloadBytes }: SignalsOptions): { on(link: Link): Signals } {
  const subscribers = new Set<Subscriber>()

  return {
    on: (link) => ({
      publish(subject, frame) {
        link.requireOpen()
        checkSize(`signal "${subject}"`, frameBytes(frame), maxPayloadBytes)
        if (!link.reachable()) return
        const tokens = subject.split('.')
        for (const subscriber of subscribers) {
          if (!matches(subscriber.pattern, tokens)) continue
          const signal = { subject, frame: copyFrame(frame) }
          subscriber.link.carry('signals.publish', subject, () => subscriber.feed.push(signal))
        }
      },
      subscribe: (pattern) =>
        link.ask({ kind: 'read', name: 'signals.subscribe', key: pattern }, () => {
          const feed: Subscriber['feed'] = openFeed(link, { gone: () => subscribers.delete(subscriber) })
          const subscriber = { link, pattern: pattern.split('.'), feed }
          subscribers.add(subscriber)
          return Object.assign(feed, { close: feed.end })
        }),
    }),
  }
}
