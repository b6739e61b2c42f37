/** How many tokens a text has, by the encoding of OpenAI's newer models. The only import of the tokenizer. */

/** The encoding that is counted by. */
export const ENCODING = 'o200k_base'

/** Loads the encoding, some megabytes, and answers what counts by it. What looks like a special token counts as text. */
export async function tokenCounter(): Promise<(text: string) => number> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  return (text) => countTokens(text, { disallowedSpecial: new Set() })
}
