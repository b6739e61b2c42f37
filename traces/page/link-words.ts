/** What a link is, in words that stand before the name of the span at its other end. */
import type { LINK } from '../names.ts'

type LinkKind = (typeof LINK)[keyof typeof LINK]

/** Seen from its beginning, and seen from where it leads. */
const WORDS: Readonly<Record<LinkKind, readonly [from: string, to: string]>> = {
  message: ['took the message of', 'its message was taken by'],
  redelivery: ['took again the message of', 'its message came again to'],
  resumption: ['was started again by', 'started again'],
  adoption: ['goes on after', 'goes on with'],
  beginning: ['ends what began with', 'ended by'],
  last: ['came after the last turn,', 'was the last turn before'],
}

/** @param kind `skein.link`; '' where the link does not say */
export function linkWords(kind: string, end: 'from' | 'to'): string {
  const words = Object.hasOwn(WORDS, kind) ? WORDS[kind as LinkKind] : undefined
  if (words !== undefined) return words[end === 'from' ? 0 : 1]
  return end === 'from' ? `linked to${kind && ` (${kind})`}` : 'linked from'
}
