/** A piece of what the model or the endpoint said, short enough for the text of an error. */

/** Characters. */
const QUOTE_LENGTH = 200

export const quote = (text: string) =>
  text.length <= QUOTE_LENGTH ? `"${text}"` : `"${text.slice(0, QUOTE_LENGTH)}…"`
