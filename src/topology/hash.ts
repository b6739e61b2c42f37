/**
 * Chance that everybody computes alike: numbers that follow from names and a seed, so that peers who see the same view
 * agree on a graph or a placement without a word. Not for secrets.
 */

/** The finaliser of MurmurHash3 (Appleby, 2011): each bit of `value` changes half of the result's. */
export function scramble(value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A hash of two, in this order. */
export const combine = (a: number, b: number): number => scramble(Math.imul(a, 0x9e3779b1) + scramble(~b))

/** A hash of a text: FNV-1a, scrambled. An integer in [0, 2^32). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return scramble(hash)
}

/** A hash as a number in [0, 1). */
export const fraction = (hash: number): number => hash / 2 ** 32
