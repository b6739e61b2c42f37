/** Whom a piece of coordination deals with, and what it takes from them. */
import { type FailureKind, failureKindSchema } from '../../protocols/failure.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { Destination } from '../turn/behaviour.ts'

/** Whom to ask: whoever of a role is free, or one peer of it. */
export type Party = { readonly role: string; readonly peer?: string | undefined }

/**
 * A conversation with each party, numbered after those that this conversation opened before.
 * @param letter tells the conversations of one piece from those of another: `goal-b1`
 */
export const conversationsWith = (
  { input }: Pick<AgentContext, 'input'>,
  letter: string,
  parties: readonly Party[],
  before: number,
): readonly Destination[] =>
  parties.map(({ role, peer }, index) => ({
    role,
    conversation: `${input.name}-${letter}${before + index + 1}`,
    ...(peer !== undefined && { peer }),
  }))

/** What several failures come to: what they have in common, or a refusal. */
export function commonKind(kinds: readonly FailureKind[]): FailureKind {
  const [first, ...others] = new Set(kinds)
  return first !== undefined && others.length === 0 ? first : failureKindSchema.enum.refused
}
