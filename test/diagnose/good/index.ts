/** Good runs, as many as one likes: the seed says which kind, and draws what is in it. */
import { seededRandom } from '../../../src/time/random.ts'
import { bereaved } from './bereaved.ts'
import { chain } from './chain.ts'
import { consultation } from './consultation.ts'
import { desk } from './desk.ts'
import { errands } from './errands.ts'
import type { GoodKind, GoodRun } from './good-run.ts'
import { haggling } from './haggling.ts'
import { join } from './join.ts'
import { longWork } from './long-work.ts'
import { mirrors } from './mirrors.ts'
import { ownChecks } from './own-checks.ts'
import { queue } from './queue.ts'
import { reminders } from './reminders.ts'
import { failedCalls, polling } from './retries.ts'
import { revisions } from './revisions.ts'

/** Those that need nothing but a seed. */
export const goodKinds: readonly GoodKind[] = [
  ...errands,
  ...[bereaved, chain, consultation, desk, failedCalls, haggling, join, longWork],
  ...[mirrors, ownChecks, polling, queue, reminders, revisions],
]

/** One run after another goes through the kinds. */
export const goodKindOf = (seed: number): GoodKind => goodKinds[seed % goodKinds.length]!

export const goodRuns = (seed: number): Promise<GoodRun> =>
  goodKindOf(seed).run(seed, seededRandom(seed).fork('good'))
