/** Texts that people are shown, and texts that they say, are kept in records: no longer than somebody would read. */

/** Characters of a text that are kept. */
export const TEXT_LIMIT = 32_000

/** The text, or its beginning and how much is left out. */
export const bounded = (text: string, limit = TEXT_LIMIT): string =>
  text.length <= limit ? text : `${text.slice(0, limit)} … and ${text.length - limit} characters more`

/** The beginning of a text, and how much of it is left out. */
export type Excerpt = {
  readonly text: string
  /** Null where it is whole. */
  readonly leftOut: { readonly lines: number; readonly characters: number } | null
}

/** As many whole lines as there is room for; of a first line that is too long, its beginning. */
export function excerptOf(text: string, limit: number): Excerpt {
  if (text.length <= limit) return { text, leftOut: null }
  const end = text.lastIndexOf('\n', limit - 1) + 1
  const kept = text.slice(0, end === 0 ? limit : end)
  const rest = text.slice(kept.length)
  const lines = rest.split('\n').length - (rest.endsWith('\n') ? 1 : 0)
  return { text: kept, leftOut: { lines, characters: rest.length } }
}
