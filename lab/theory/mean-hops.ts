/**
 * Mean hops between two different peers of an overlay, over all pairs, by shortest ways. `n` is the number of peers, at
 * least 2. Exact for ring and mesh; for random graphs and small worlds, which are drawn, the mean that theory gives, with
 * its range.
 */
import { InvalidError } from '../../protocols/errors.ts'

/** Both ways round: n² / (4 (n - 1)) for even n, (n + 1) / 4 for odd n. Sum the distances from one peer. */
export function ringHops(n: number): number {
  return n % 2 === 0 ? n ** 2 / (4 * (n - 1)) : (n + 1) / 4
}

/** Everybody reaches everybody: 1. */
export function meshHops(): number {
  return 1
}

const EULER_GAMMA = 0.577_215_664_901_532_9

/**
 * A random graph (Erdős and Rényi) of mean degree k: (ln n - γ) / ln k + 1 / 2, γ Euler's constant. For graphs that
 * hang together and are sparse, k about ln n and well below n. Of our `random` it is within 5 % for k from 4 to 8 and 12
 * to 300 peers; with k = 2.5, where many parts are chained together, 27 % too low.
 * Source: A. Fronczak, P. Fronczak and J. A. Hołyst, "Average path length in random networks", Physical Review E 70,
 * 056110, 2004.
 * @throws InvalidError `invalid.degree` for k <= 1, where the graph falls into parts
 */
export function randomGraphHops(n: number, degree: number): number {
  if (degree <= 1) {
    throw new InvalidError(
      'degree',
      `a random graph of mean degree ${degree} falls into parts: take more than 1`,
    )
  }
  return (Math.log(n) - EULER_GAMMA) / Math.log(degree) + 1 / 2
}

/**
 * A small world as Newman and Watts draw it: a ring on which each peer knows the `reach` nearest on either side, with
 * `shortcuts` more edges between peers drawn at random, none taken away. `reach` need not be whole.
 *
 * What is within r hops of a peer grows along the ring by 2 `reach` peers a hop, and from the far end of each shortcut
 * that it meets again: seeds that fall anywhere and grow, as crystals do. A peer is still unreached where no seed came
 * near enough, so after Avrami P(hops > r) = (1 - 2 reach r / (n - 1)) exp(-covered(r) / n), where covered(r) is what
 * the seeds up to hop r cover together, overlaps counted twice; each peer newly reached sends out 2 shortcuts / n seeds,
 * which are there one hop later. The mean is the sum over r from 0. Exact without shortcuts; with them 0 to 9 % too low
 * against searches from 30 peers to 1,000, since it takes the number of seeds for its mean.
 * The mean field of Newman, Moore and Watts (Physical Review Letters 84(14), 2000) counts no hop for a shortcut itself,
 * and is 11 % too low at one shortcut among 400 peers, 40 % at 100.
 * Source: M. Avrami, "Kinetics of phase change II", J. Chemical Physics 8, 1940, for the growth; its use here is ours.
 */
export function smallWorldHops(n: number, reach: number, shortcuts: number): number {
  const endsPerPeer = (2 * shortcuts) / n
  let [sum, unreached, covered, seeds, fresh] = [1, 1, 0, 0, 1]
  for (let hops = 1; ; hops++) {
    covered += seeds * 2 * reach + fresh * endsPerPeer
    seeds += fresh * endsPerPeer
    const left = Math.max(0, 1 - (2 * reach * hops) / (n - 1)) * Math.exp(-covered / n)
    if (left < Number.EPSILON) return sum
    fresh = (n - 1) * (unreached - left)
    unreached = left
    sum += left
  }
}

/**
 * A small world as our `small-world` draws it: `neighbours` links of each, half of them to either side, and of these, the
 * ring itself aside, a share `rewire` moved to far away. These are n (k - 1) rewire shortcuts, k = neighbours / 2. Where
 * the longest link of a place is moved, what is reached grows along the ring by one less: by k - rewire on either side.
 * Within 10 % of searches over the topology, from 10 peers to 400, mostly too low.
 */
export function rewiredSmallWorldHops(n: number, neighbours: number, rewire: number): number {
  const reach = neighbours / 2
  // The links of the ring stay, so with two neighbours none can be moved.
  if (reach === 1) return ringHops(n)
  return smallWorldHops(n, reach - rewire, n * (reach - 1) * rewire)
}
