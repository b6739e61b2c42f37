/** What bytes are that are no text, as far as their first ones say: for people and models, never to decide by. */

const KINDS: readonly (readonly [what: string, begins: string])[] = [
  ['a PNG image', '89504e47'],
  ['a JPEG image', 'ffd8ff'],
  ['a GIF image', '47494638'],
  ['a WebP or WAV file', '52494646'],
  ['a PDF document', '25504446'],
  ['a ZIP archive', '504b0304'],
  ['gzip data', '1f8b'],
  ['an ELF program', '7f454c46'],
  ['a WebAssembly module', '0061736d'],
  ['a WOFF font', '774f46'],
  ['an SQLite database', '53514c69746520666f726d6174'],
  ['text in UTF-16', 'fffe'],
  ['text in UTF-16', 'feff'],
]

/** `a PNG image of 1,234 bytes` */
export function describeBytes(bytes: Uint8Array): string {
  const begins = Buffer.from(bytes.subarray(0, 16)).toString('hex')
  const known = KINDS.find(([, start]) => begins.startsWith(start))?.[0]
  const other = bytes.includes(0) ? 'binary data' : 'text in an older encoding than UTF-8, perhaps,'
  return `${known ?? other} of ${bytes.length.toLocaleString('en')} bytes`
}
