/** How much a model can read and write at once: a guess that its endpoint corrects. */
import { undated } from './prices.ts'

/** Tokens of prompt and reply together; as documented when this was written. `contextTokens` of a role's model counts more. */
const CONTEXT_TOKENS: ReadonlyMap<string, number> = new Map([
  // 400,000 in all, of which a prompt may have 272,000.
  ...['gpt-5', 'gpt-5-mini', 'gpt-5-nano'].map((model) => [model, 272_000] as const),
  ...['gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano'].map((model) => [model, 1_047_576] as const),
  ...['gpt-4o', 'gpt-4o-mini'].map((model) => [model, 128_000] as const),
  ...['o3', 'o4-mini'].map((model) => [model, 200_000] as const),
])

/** Undefined for a model that is not known: nothing is left out until its endpoint says that a prompt does not fit. */
export const contextTokensOf = (model: string): number | undefined =>
  CONTEXT_TOKENS.get(model) ?? CONTEXT_TOKENS.get(undated(model))
