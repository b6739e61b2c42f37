/**
 * How many tokens a prompt has, told from its bytes before anybody counts them. There are two questions: how many there
 * are likely to be, by which a prompt is made to fit and its rate is asked for, and the endpoint corrects what was
 * wrong; and how many there are at most, by which money is reserved, and that must not be too few.
 */

/** English has four bytes to a token and code three or more; what has fewer is met when the endpoint refuses it. */
const BYTES_PER_TOKEN = 3

/** Tokens around each entry of a transcript: its role and its separators, generously. */
export const ENTRY_TOKENS = 16

/** Tokens around a prompt as a whole. */
const PROMPT_TOKENS = 64

/** Tokens that so many UTF-8 bytes are likely to have. */
export const likelyTokens = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)

export type PromptBytes = {
  /** UTF-8 bytes of all that is sent. */
  readonly bytes: number
  /** Those of them that are schemas: an endpoint may be told of them in a form that says more than ours. */
  readonly schemaBytes: number
  /** Number of entries of the transcript. */
  readonly entries: number
}

/** Tokens that a prompt has at most: no tokenizer that begins at bytes makes more of one than there are bytes. */
export const mostTokens = ({ bytes, schemaBytes, entries }: PromptBytes): number =>
  bytes + schemaBytes + entries * ENTRY_TOKENS + PROMPT_TOKENS
