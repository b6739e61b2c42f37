/** What a value is, without saying it: equal values have equal digests. */
import { createHash } from 'node:crypto'

/** Of 64 bits: enough to tell apart what one run sees. */
const DIGITS = 16

/** First 16 hex digits of the SHA-256 of the value's JSON. */
export const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex')
    .slice(0, DIGITS)
