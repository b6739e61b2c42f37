/** What models had to be told that it was of no use, read off the commits of a run: no span holds it. */
import type { AgentContext } from '../../src/role/agent-context.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'

export type Correction = { readonly role: string; readonly text: string }

export function createCorrections() {
  const seen = new Map<string, Correction>()
  return {
    /** A correction is the last thing of the turn that made it; later commits of that turn repeat it. */
    commit({
      conversation,
      role,
      snapshot,
    }: Pick<ConversationRecord, 'conversation' | 'role' | 'snapshot'>): void {
      const context = snapshot?.context as Partial<AgentContext> | undefined
      const last = context?.transcript?.at(-1)
      if (last?.kind !== 'correction') return
      const { steps, corrections, transcript } = context!
      seen.set(`${conversation} ${steps} ${corrections} ${transcript!.length}`, { role, text: last.text })
    },
    all: (): Correction[] => [...seen.values()],
  }
}
