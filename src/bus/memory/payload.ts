/** What crosses the boundary is copied, so that nobody shares bytes that can change, and bounded, as by a server. */
import { TooLargeError } from '../errors.ts'
import type { Frame } from '../frame.ts'

/** A `Buffer` becomes a plain array as well: its own `slice` would share the bytes. */
export const copyBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

export const copyFrame = ({ headers, body }: Frame): Frame => ({
  headers: { ...headers },
  body: copyBytes(body),
})

/** @throws TooLargeError */
export function checkSize(what: string, bytes: number, limit: number): void {
  if (bytes > limit) throw new TooLargeError(what, bytes, limit)
}

/** Headers and body together, as a server counts them. */
export function frameBytes({ headers, body }: Frame): number {
  let bytes = body.length
  for (const [name, value] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  return bytes
}
