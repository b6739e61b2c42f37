/** Chance as a port, so that a simulation can draw the same numbers again. */
import { randomBytes } from 'node:crypto'

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** `bytes` random bytes as lower-case hex. */
  hex(bytes: number): string
}

/** Chance from the operating system. */
export function systemRandom(): Random {
  return {
    next: () => randomBytes(4).readUInt32LE(0) / 2 ** 32,
    hex: (bytes) => randomBytes(bytes).toString('hex'),
  }
}

/** Chance from a seed: splitmix32. Streams for separate concerns come from `fork`. */
export interface SeededRandom extends Random {
  /** Another stream, independent of how much was drawn from this one. */
  fork(concern: string): SeededRandom
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed | 0
  const draw = () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  return {
    next: () => draw() / 2 ** 32,
    hex: (bytes) => {
      let text = ''
      while (text.length < bytes * 2) text += draw().toString(16).padStart(8, '0')
      return text.slice(0, bytes * 2)
    },
    fork(concern) {
      let hash = seed | 0
      for (const char of concern) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
      return seededRandom(hash)
    },
  }
}
