/**
 * Stake: a share of the run, carried by every message and held by every conversation that got one. Shares are exact
 * (a numerator over a power of two), so that halving never loses anything however deep the fan-out; whoever holds all
 * of it again knows that the run is over (credit recovery: Mattern 1989, Huang 1989).
 *
 * On the wire: `<numerator in hex>p<exponent>`, numerator / 2^exponent, in lowest terms.
 */
import { InvalidError } from '../../protocols/errors.ts'

export type Stake = { readonly numerator: bigint; readonly exponent: number }

export const NO_STAKE: Stake = { numerator: 0n, exponent: 0 }
/** All of a run's stake: what its origin mints. */
export const WHOLE_STAKE: Stake = { numerator: 1n, exponent: 0 }

export function addStake(a: Stake, b: Stake): Stake {
  const exponent = Math.max(a.exponent, b.exponent)
  return lowest({
    numerator:
      (a.numerator << BigInt(exponent - a.exponent)) + (b.numerator << BigInt(exponent - b.exponent)),
    exponent,
  })
}

/** @param b no more than `a` */
export const subtractStake = (a: Stake, b: Stake): Stake =>
  addStake(a, { numerator: -b.numerator, exponent: b.exponent })

/** Two halves: one to keep, one to send. */
export const halveStake = (stake: Stake): Stake =>
  lowest({ numerator: stake.numerator, exponent: stake.exponent + 1 })

export const isNoStake = ({ numerator }: Stake): boolean => numerator === 0n
export const isWholeStake = ({ numerator, exponent }: Stake): boolean => numerator === 1n && exponent === 0

export const formatStake = (stake: Stake): string => `${stake.numerator.toString(16)}p${stake.exponent}`

/** @throws InvalidError `invalid.stake` */
export function parseStake(text: string): Stake {
  const match = /^([0-9a-f]+)p([0-9]{1,6})$/.exec(text)
  if (!match) throw new InvalidError('stake', `"${text}" is not a stake: "<numerator in hex>p<exponent>"`)
  return lowest({ numerator: BigInt(`0x${match[1]}`), exponent: Number(match[2]) })
}

function lowest({ numerator, exponent }: Stake): Stake {
  if (numerator === 0n) return NO_STAKE
  let [rest, power] = [numerator, exponent]
  while (power > 0 && (rest & 1n) === 0n) {
    rest >>= 1n
    power--
  }
  return { numerator: rest, exponent: power }
}
