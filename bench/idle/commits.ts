/** Sees commits as they come, of all conversations of a bus. */
import type { ConversationId } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { recordKey } from '../../src/turn/record.ts'

export interface Commits {
  /** Resolves when there have been so many. */
  total(count: number): Promise<void>
  /** Resolves with the next one of a conversation. */
  next(conversation: ConversationId): Promise<void>
  close(): Promise<void>
}

export async function followCommits({ records }: Bus): Promise<Commits> {
  const watch = await records.watch('conversation')
  const awaited = new Map<string, () => void>()
  let seen = 0
  let wanted = { count: 0, resolve: () => {} }

  async function follow(): Promise<void> {
    for await (const { key } of watch) {
      seen++
      if (seen >= wanted.count) wanted.resolve()
      awaited.get(key)?.()
    }
  }

  const following = follow()
  return {
    total: (count) =>
      new Promise((resolve) => {
        wanted = { count, resolve }
        if (seen >= count) resolve()
      }),
    next(conversation) {
      const key = recordKey(conversation)
      return new Promise<void>((resolve) => {
        awaited.set(key, resolve)
      }).finally(() => awaited.delete(key))
    },
    async close() {
      watch.close()
      await following
    },
  }
}
