/** Keys of records and leases as subjects, such that one filter finds a prefix and all below it. */
import { InvalidError } from '../../../protocols/errors.ts'

export type KeySpace = {
  /** Matches every key. */
  readonly all: string
  /** @throws InvalidError */
  subject(key: string): string
  /** Matches the keys at or below a prefix; the empty prefix is above all. @throws InvalidError */
  below(prefix: string): string
  /** What `subject` was made of. */
  keyOf(subject: string): string
}

/**
 * Ends every key, as it ends a line in a pattern; no token of a key contains it. With it the filter `a.b.>` matches
 * the key `a.b` too, for which a server before 2.10 would need a second consumer and somebody to merge the two.
 */
const END = '.$'

const KEY = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

/** `root` ends with a dot. */
export function keySpace(root: string): KeySpace {
  return {
    all: `${root}>`,
    subject: (key) => root + checked(key) + END,
    below: (prefix) => (prefix === '' ? `${root}>` : `${root}${checked(prefix)}.>`),
    keyOf: (subject) => subject.slice(root.length, -END.length),
  }
}

/** A key becomes a subject, and a wildcard in one would read or purge what was not meant. */
function checked(key: string): string {
  if (KEY.test(key)) return key
  throw new InvalidError(
    'key',
    `"${key}" cannot be a key: use tokens of a-z, 0-9, "-" and "_", with dots between`,
  )
}
