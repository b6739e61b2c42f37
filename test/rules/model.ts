/**
 * A stand-in for a real model, made of rules. It was written by what a model is told over HTTP and by nothing else: the
 * tools and their schemas, the schema of the answer, the messages. It goes by no wording of the instructions.
 *
 * It works like an engineer who talks a little: looks before it changes anything, runs the tests after, and claims
 * nothing that no tool has told it. What to write it knows, as a model does (`known/`); how that gets into the
 * workspace is up to the tools. It errs on purpose, once each: a path that is not there, an answer in the wrong form,
 * a first draft with a fault that a test finds.
 *
 * - **M1** The same request gets the same reply: nothing is kept from one to the next but the counts.
 */
import type { StubReply, StubRequestBody } from '../model/openai-stub.ts'
import { readChat, type Wanted } from './chat.ts'
import { CODER } from './coder.ts'
import { PLANNER } from './planner.ts'
import { RESEARCHER } from './researcher.ts'
import { REVIEWER } from './reviewer.ts'
import type { Rule } from './rule.ts'

const RULES: Readonly<Record<Wanted, readonly Rule[]>> = {
  plan: PLANNER,
  findings: RESEARCHER,
  work: CODER,
  verdict: REVIEWER,
}

export const RULE_NAMES: readonly string[] = Object.values(RULES).flatMap((rules) =>
  rules.map(({ name }) => name),
)

export type RuledReply = { readonly rule: string; readonly reply: StubReply }

/** @throws Error where no rule applies: what was asked for is nothing that the rules know */
export function ruledReply(request: StubRequestBody): RuledReply {
  const chat = readChat(request)
  for (const { name, reply } of RULES[chat.wanted]) {
    const given = reply(chat)
    if (given !== undefined) return { rule: name, reply: given }
  }
  throw new Error(`no rule applies where a ${chat.wanted} is wanted`)
}
