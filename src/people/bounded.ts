/** Texts that people are shown, and texts that they say, are kept in records: no longer than somebody would read. */

/** Characters of a text that are kept. */
export const TEXT_LIMIT = 32_000

/** The text, or its beginning and how much is left out. */
export const bounded = (text: string, limit = TEXT_LIMIT): string =>
  text.length <= limit ? text : `${text.slice(0, limit)} … and ${text.length - limit} characters more`
