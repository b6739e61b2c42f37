/**
 * Two topologies over the same seeds. A seed decides service times and faults, so runs of one seed are alike in what
 * chance did; what differs in a pair is the topology. Pairs are redrawn as pairs, so that this chance cancels and the
 * interval is narrower than that of two samples apart.
 */
import { InvalidError } from '../../protocols/errors.ts'
import type { Estimate } from '../results.ts'
import { type BootstrapOptions, estimate } from './bootstrap.ts'

/** Values of a metric by the seed of their run. */
export type BySeed = ReadonlyMap<number, number>

/**
 * The mean of `one` less `other` over the seeds that both have, with its interval. Where 0 is outside, they differ.
 * `count` is the number of pairs.
 * @throws InvalidError `invalid.pairs` where they have no seed in common
 */
export function pairedDifference(one: BySeed, other: BySeed, options: BootstrapOptions = {}): Estimate {
  return estimate(
    pairs(one, other),
    (all) => sumOf(all, 0) / all.length - sumOf(all, 1) / all.length,
    options,
  )
}

/**
 * The mean of `one` over the mean of `other`, over the seeds that both have, with its interval: how many times as long,
 * as many or as dear. Where 1 is outside, they differ. A ratio of means and not a mean of ratios, in which one short run
 * would weigh most.
 * @throws InvalidError `invalid.pairs` where they have no seed in common; `invalid.sample` where the mean of `other` is 0
 */
export function pairedRatio(one: BySeed, other: BySeed, options: BootstrapOptions = {}): Estimate {
  return estimate(pairs(one, other), (all) => sumOf(all, 0) / sumOf(all, 1), options)
}

type Pair = readonly [one: number, other: number]

function pairs(one: BySeed, other: BySeed): Pair[] {
  // By seed, so that the interval does not hang on the order in which runs ended.
  const both = [...one.keys()].filter((seed) => other.has(seed)).toSorted((a, b) => a - b)
  if (both.length === 0) {
    throw new InvalidError(
      'pairs',
      `samples of ${one.size} and ${other.size} runs have no seed in common: run both with the same seeds`,
    )
  }
  return both.map((seed) => [one.get(seed)!, other.get(seed)!])
}

function sumOf(all: readonly Pair[], side: 0 | 1): number {
  let sum = 0
  for (const pair of all) sum += pair[side]
  return sum
}
