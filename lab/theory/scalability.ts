/**
 * The universal scalability law, fitted to a measured sweep: two numbers that say why throughput stops to grow with the
 * workers, where no model of the queues is at hand.
 *
 * X(N) = γ N / (1 + σ (N - 1) + κ N (N - 1)), with γ the throughput of one, σ the share of work that is done one at a
 * time (contention) and κ what each pair costs to agree (coherency). With κ = 0 it is Amdahl's law, and the lower
 * asymptotic bound of a closed queue, with σ = D / (D + Z) = 1 / N*. With κ above 0 throughput falls again beyond the
 * peak.
 * Source: N. J. Gunther, "Guerrilla Capacity Planning", 2007, chapters 4 to 6.
 */
import { InvalidError } from '../../protocols/errors.ts'
import type { SweepPoint } from './saturation-point.ts'

export type Scalability = {
  /** γ: tasks a second of one worker. */
  readonly single: number
  /** σ, 0 or more. */
  readonly contention: number
  /** κ, 0 or more. */
  readonly coherency: number
}

/** X(N) in tasks a second. */
export function scalableThroughput(
  { single, contention, coherency }: Scalability,
  customers: number,
): number {
  return (single * customers) / (1 + contention * (customers - 1) + coherency * customers * (customers - 1))
}

/** Workers at which throughput peaks, sqrt((1 - σ) / κ), not rounded; Infinity where it never falls. */
export function peak({ contention, coherency }: Scalability): number {
  if (coherency === 0) return Number.POSITIVE_INFINITY
  return Math.sqrt(Math.max(0, 1 - contention) / coherency)
}

/**
 * The law that fits a sweep best, by least squares of the relative errors of N / X, which is linear in 1 / γ, σ / γ and
 * κ / γ. Neither σ nor κ may be below 0: of the fits with both, one or none of them, it is the best that keeps to that.
 * @throws InvalidError `invalid.sweep` for fewer than three sizes, or without any throughput
 */
export function fitScalability(sweep: readonly SweepPoint[]): Scalability {
  const points = sweep.filter(({ customers, throughput }) => customers >= 1 && throughput > 0)
  const sizes = new Set(points.map(({ customers }) => customers))
  if (sizes.size < 3) {
    throw new InvalidError(
      'sweep',
      `three numbers are fitted to the sizes [${[...sizes].join(', ')}] with a throughput: measure three or more`,
    )
  }
  const rows = points.map(({ customers: n, throughput }) => {
    const weight = throughput / n
    return [weight, weight * (n - 1), weight * n * (n - 1)]
  })
  let best: { readonly law: Scalability; readonly error: number } | null = null
  for (const columns of [[0, 1, 2], [0, 1], [0, 2], [0]]) {
    const found = leastSquares(rows.map((row) => columns.map((column) => row[column]!)))
    const [base = 0, serial = 0, pairs = 0] = [0, 1, 2].map((column) => found[columns.indexOf(column)])
    const error = rows.reduce((sum, [a, b, c]) => sum + (a! * base + b! * serial + c! * pairs - 1) ** 2, 0)
    if (!(base > 0) || serial < 0 || pairs < 0 || (best !== null && best.error <= error)) continue
    best = { law: { single: 1 / base, contention: serial / base, coherency: pairs / base }, error }
  }
  // The last of the fits has neither σ nor κ, and a γ above 0: there always is one.
  return best!.law
}

/** What to multiply the columns with so that each row comes nearest to 1: the normal equations, by elimination. */
function leastSquares(rows: readonly (readonly number[])[]): number[] {
  const width = rows[0]!.length
  // Columns of length 1: N² grows far beyond N, and the equations would lose it.
  const lengths = Array.from({ length: width }, (_, at) => Math.hypot(...rows.map((row) => row[at]!)))
  const scaled = rows.map((row) => row.map((value, at) => value / lengths[at]!))
  const sumOf = (term: (row: readonly number[]) => number) => scaled.reduce((sum, row) => sum + term(row), 0)
  const equations = lengths.map((_, i) => [
    ...lengths.map((_, j) => sumOf((row) => row[i]! * row[j]!)),
    sumOf((row) => row[i]!),
  ])
  // They are symmetric and positive, so no row need change its place.
  for (let pivot = 0; pivot < width; pivot++) {
    for (let below = 0; below < width; below++) {
      if (below === pivot) continue
      const factor = equations[below]![pivot]! / equations[pivot]![pivot]!
      equations[below] = equations[below]!.map((value, at) => value - factor * equations[pivot]![at]!)
    }
  }
  return equations.map((row, at) => row[width]! / row[at]! / lengths[at]!)
}
