/** The steps of a run, one after another: turns of machines, and what hosts did by themselves. */
import type { Message } from '../../protocols/envelope.ts'
import type { ConversationId } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { TurnInput } from '../turn/turn-input.ts'
import type { RunHistory } from './history.ts'
import { recordedInputs } from './recorded-inputs.ts'

export type HistoryStep = {
  /** From 1, in the order of the run. */
  readonly number: number
  /**
   * `turn`: a machine was asked. The rest is done by a host: `takeover` by one that goes on with what another process
   * left; `ended` by one that closes what the end of its run leaves open; `credited` by one that takes note of a
   * message for whoever closes the conversation.
   */
  readonly kind: 'turn' | 'takeover' | 'ended' | 'credited'
  readonly record: ConversationRecord
  /** The record before it; undefined where it opened the conversation. */
  readonly before: ConversationRecord | undefined
  /** What it took, or why the journal does not tell. Undefined for what a host did. */
  readonly input: TurnInput | { readonly missing: string } | undefined
  /** The message that it took, where it took one and the journal has it. */
  readonly message: Message | undefined
}

/** A host's own note that all is sent. Nothing else changes with it. */
const SETTLED = 'settled'
const OF_HOSTS = ['takeover', 'ended', 'credited'] as const

/** @param history every commit, oldest first: what comes later is looked at later */
export function* stepsOf({
  run,
  journal,
}: Pick<RunHistory, 'run' | 'journal'>): Generator<HistoryStep, void> {
  const inputs = recordedInputs(run)
  const last = new Map<ConversationId, ConversationRecord>()
  let number = 0
  for (const record of journal) {
    const before = last.get(record.conversation)
    last.set(record.conversation, record)
    if (record.took.event !== SETTLED) {
      const byHost = OF_HOSTS.find((event) => event === record.took.event)
      yield {
        ...{ number: ++number, kind: byHost ?? 'turn', record, before },
        input: byHost === undefined ? inputs.inputOf(record) : undefined,
        message: inputs.messageOf(record),
      }
    }
    inputs.keep(record)
  }
}
