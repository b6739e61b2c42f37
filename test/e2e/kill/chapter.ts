/** What can be read afterwards: in the journal, what became of the run; in the ledger, what each process did for it. */
import { nameOf } from '../../../protocols/ids.ts'
import type { ConversationRecord } from '../../../src/turn/record.ts'
import type { End } from './life.ts'

/** One process's part in a run. */
export type Chapter = {
  readonly end: End
  /** What it is known to have done. */
  readonly steps: readonly string[]
  /** Those of the steps that were calls, of the model or of a tool. */
  readonly calls: readonly string[]
  /** Calls whose outcome it committed. */
  readonly recorded: readonly string[]
}

type Journal = readonly ConversationRecord[]

/** What each conversation took, in order: messages and outcomes, and nothing that a host does by itself. */
export function takenIn(journal: Journal): Record<string, string[]> {
  const taken: Record<string, string[]> = {}
  for (const { conversation, took } of journal) {
    if (took.id === undefined) continue
    const name = nameOf(conversation)
    taken[name] = [...(taken[name] ?? []), took.event]
  }
  return taken
}

/** @param ledger lines of a process's number and a step */
export function chaptersOf(
  lives: readonly { readonly pid: number; readonly end: End }[],
  journal: Journal,
  ledger: readonly string[],
): readonly Chapter[] {
  const outcomes = outcomesIn(journal)
  return lives.map(({ pid, end }) => {
    const own = ledger.filter((line) => line.startsWith(`${pid} `))
    const steps = own.map((line) => line.slice(`${pid} `.length))
    return {
      end,
      steps,
      calls: steps.filter((step) => step.startsWith('call ')),
      recorded: outcomes.filter((outcome) => outcome.pid === pid).map(({ call }) => call),
    }
  })
}

/** Each outcome as the call that it came of, and the process that committed it. */
function outcomesIn(journal: Journal): { readonly call: string; readonly pid: number }[] {
  let replies = 0
  return journal
    .filter(({ took }) => took.event.startsWith('xstate.'))
    .map(({ took, by }) => ({
      call: took.event.endsWith('.chat') ? `call model ${++replies}` : 'call tool',
      pid: by.pid,
    }))
}
