/** What a run's quota does not allow, in words that say what to do. */
import { SkeinError } from '../../protocols/errors.ts'
import type { RunId } from '../../protocols/ids.ts'
import type { Refusal } from './quota.ts'

/** A call to a model, or a message, that the run's quota does not allow. Trying again does not help. */
export class QuotaError extends SkeinError {
  readonly refusal: Refusal

  constructor(refusal: Refusal, run: RunId, what: string) {
    super(`quota.${CODES[refusal.why]}`, textOf(refusal, run, what))
    this.refusal = refusal
  }
}

const CODES = {
  exhausted: 'exhausted',
  unpriced: 'no-price',
  outdated: 'outdated',
  closed: 'closed',
} as const satisfies Record<Refusal['why'], string>

function textOf(refusal: Refusal, run: RunId, what: string): string {
  switch (refusal.why) {
    case 'exhausted': {
      const { limit, left, granted, asked } = refusal
      const amount = (value: number) =>
        limit === 'money' ? `$${value / 1e9}` : `${value.toLocaleString('en')} ${limit}`
      return `the budget of run "${run}" does not allow ${what}: ${amount(left)} of ${amount(granted)} are left, and it may take ${amount(asked)} at least. Give a run more, or a smaller goal`
    }
    case 'unpriced':
      return `run "${run}" has a budget in money, and nobody knows the price of ${what}: add it to "prices" in the config`
    case 'outdated':
      return `${what} was to be made for run "${run}", and somebody else has begun it anew`
    case 'closed':
      return `run "${run}" is over: ${what} is not made for it any more`
  }
}
