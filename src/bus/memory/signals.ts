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
  /** By pattern: most subscribe to one subject, and not everybody is asked about each signal. */
  const subscribers = new Map<string, Set<Subscriber>>()

  function subscribersOf(subject: Subject): Subscriber[] {
    const tokens = subject.split('.')
    return [...subscribers.values()].flatMap((some) => {
      const [first] = some
      return first !== undefined && matches(first.pattern, tokens) ? [...some] : []
    })
  }

  function add(pattern: string, subscriber: Subscriber): void {
    const some = subscribers.get(pattern) ?? new Set()
    subscribers.set(pattern, some.add(subscriber))
  }

  function remove(pattern: string, subscriber: Subscriber): void {
    const some = subscribers.get(pattern)
    some?.delete(subscriber)
    if (some?.size === 0) subscribers.delete(pattern)
  }

  return {
    on: (link) => ({
      publish(subject, frame) {
        link.requireOpen()
        checkSize(`signal "${subject}"`, frameBytes(frame), maxPayloadBytes)
        if (!link.reachable()) return
        for (const subscriber of subscribersOf(subject)) {
          const signal = { subject, frame: copyFrame(frame) }
          subscriber.link.carry('signals.publish', subject, () => subscriber.feed.push(signal))
        }
      },
      subscribe: (pattern) =>
        link.ask({ kind: 'read', name: 'signals.subscribe', key: pattern }, () => {
          const feed: Subscriber['feed'] = openFeed(link, { gone: () => remove(pattern, subscriber) })
          const subscriber = { link, pattern: pattern.split('.'), feed }
          add(pattern, subscriber)
          return Object.assign(feed, { close: feed.end })
        }),
    }),
  }
}
