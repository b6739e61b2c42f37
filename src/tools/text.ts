/** Bytes as text: what may be shown, merged line by line and put in a patch is UTF-8 without NUL. */

/** The bytes as text, byte order mark and line ends kept, or undefined where they are none. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

export const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The lines, each with its own end, so that joining them gives the text back. */
export const linesOf = (text: string): string[] => (text === '' ? [] : text.split(/(?<=\n)/))

/** The JSON value that the bytes say, or undefined where they say none: for a schema to judge. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
