/** An iteration that others push into: subscriptions, watches and taps. It ends with its reader or with its client. */
import type { Link } from './link.ts'

export interface Feed<T> extends AsyncIterable<T> {
  push(item: T): void
  /** Ends the iteration at once; what was not read is gone. */
  end(): void
}

export type FeedOptions = {
  /** Called once, however it ends. */
  readonly gone: () => void
  /** Called when a client that was cut off is reached again. */
  readonly resume?: () => void
}

export function openFeed<T>(link: Link, { gone, resume }: FeedOptions): Feed<T> {
  const items: T[] = []
  const waits: ((result: IteratorResult<T>) => void)[] = []
  let open = true

  function leave(): void {
    open = false
    items.length = 0
    forget()
    gone()
  }
  function end(): void {
    if (!open) return
    leave()
    for (const wait of waits.splice(0)) wait({ done: true, value: undefined })
  }
  function freeze(): void {
    leave()
    waits.length = 0
  }
  const forget = link.opened(resume ? { end, freeze, resume } : { end, freeze })

  const iterator: AsyncIterator<T> = {
    next() {
      if (!open) return link.local({ done: true, value: undefined })
      const [item] = items
      if (items.length > 0) {
        items.shift()
        return Promise.resolve({ done: false, value: item as T })
      }
      return new Promise((resolve) => waits.push(resolve))
    },
    return() {
      end()
      return link.local({ done: true, value: undefined })
    },
  }
  return {
    push(item) {
      link.hand(() => {
        const wait = waits.shift()
        if (wait) wait({ done: false, value: item })
        else if (open) items.push(item)
      })
    },
    end,
    [Symbol.asyncIterator]: () => iterator,
  }
}
