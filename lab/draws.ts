/**
 * What chance decides in an experiment, drawn by what it is about: the same seed, concern and task give the same number
 * whatever the topology and the order in which it is asked for. These are common random numbers (Law, Simulation
 * Modeling and Analysis, section 11.2): differences between topologies are then not differences of luck.
 */
import { seededRandom } from '../src/time/random.ts'

/** A positive quantity by its mean and its squared coefficient of variation: 0 is fixed, 1 exponential. */
export type Quantity = { readonly mean: number; readonly c2: number }

export interface Draws {
  /** Uniform in [0, 1). */
  share(concern: string): number
  /** In the unit of the mean. */
  of(concern: string, quantity: Quantity): number
}

export function createDraws(seed: number): Draws {
  const stream = (concern: string) => seededRandom(mixed(seed)).fork(concern)
  return {
    share: (concern) => stream(concern).next(),
    of(concern, { mean, c2 }) {
      if (c2 === 0) return mean
      const random = stream(concern)
      if (c2 <= 1) return erlang(() => random.next(), Math.round(1 / c2), mean)
      return hyperexponential(random.next(), random.next(), mean, c2)
    },
  }
}

/** Seeds that follow each other must not give streams that do. */
const mixed = (seed: number) => Math.floor(seededRandom(seed).next() * 2 ** 32)

const exponential = (share: number, mean: number) => -Math.log(1 - share) * mean

/** The sum of `phases` exponential ones: its C² is 1 / phases. */
function erlang(next: () => number, phases: number, mean: number): number {
  let sum = 0
  for (let phase = 0; phase < phases; phase++) sum += exponential(next(), mean / phases)
  return sum
}

/** Two exponential phases with balanced means (Allen, Probability, Statistics and Queueing Theory, section 3.2.9). */
function hyperexponential(which: number, share: number, mean: number, c2: number): number {
  const first = (1 + Math.sqrt((c2 - 1) / (c2 + 1))) / 2
  return exponential(share, mean / (2 * (which < first ? first : 1 - first)))
}
