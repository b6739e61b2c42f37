/** Deciding a wait: once (P1). Who comes second is told who was first, and what they said. */
import { SkeinError } from '../../protocols/errors.ts'
import { AmbiguousError, ConflictError } from '../bus/errors.ts'
import type { Records } from '../bus/records.ts'
import { bounded } from './bounded.ts'
import { type Decision, encodeWait, keyOf, readWait, type Wait, type WaitRecord } from './wait.ts'

/** A decision that is not taken: `people.decided`, `people.kind`, `people.gone`. */
export class DecisionError extends SkeinError {
  constructor(code: 'decided' | 'kind' | 'gone', message: string) {
    super(`people.${code}`, message)
  }
}

const SAID: Readonly<Record<Decision['verdict'], string>> = {
  approve: 'approved it',
  deny: 'denied it',
  answer: 'answered it',
  unanswered: 'gave it up, since its time was over',
}

/** `jo@desk denied it: not on a Friday` */
export const decisionText = ({ verdict, by, text }: Decision): string =>
  `${by} ${SAID[verdict]}${text === null ? '' : `: ${text}`}`

/** Times that a write without an answer is looked up and made again. */
const TRIES = 5

/** The wait with its decision. @throws DecisionError; UnavailableError, AmbiguousError */
export async function decide(records: Records, wait: Wait, decision: Decision): Promise<Wait> {
  assureFits(wait, decision.verdict)
  const decided = await settle(records, wait, decision)
  if (decided.decision?.nonce === decision.nonce) return decided
  throw new DecisionError(
    'decided',
    `"${wait.id}" is decided already: ${decisionText(decided.decision!)} at ${new Date(decided.decision!.at).toISOString()}`,
  )
}

/** The wait as it is decided, by this decision or by one that was faster. @throws as `decide`, without `people.decided` */
export async function settle(records: Records, wait: Wait, decision: Decision): Promise<Wait> {
  const { id: _id, revision: _revision, ...record } = wait
  const text = decision.text === null ? null : bounded(decision.text)
  const bytes = encodeWait({ ...record, decision: { ...decision, text } } satisfies WaitRecord)
  for (let attempt = 1; ; attempt++) {
    const now = await readWait(records, wait)
    if (now === undefined)
      throw new DecisionError('gone', `nobody waits for "${wait.id}" any more: its run was removed`)
    if (now.decision !== null) return now
    try {
      const revision = await records.append(keyOf(wait), bytes, now.revision)
      return { ...now, revision, decision: { ...decision, text } }
    } catch (error) {
      // Whether it stands there is seen when it is read again.
      const mayRead = error instanceof ConflictError || error instanceof AmbiguousError
      if (!mayRead || attempt >= TRIES) throw error
    }
  }
}

function assureFits({ id, kind }: Wait, verdict: Decision['verdict']): void {
  if (kind === 'question' && verdict === 'approve')
    throw new DecisionError('kind', `"${id}" is a question: "skein answer" answers it, "skein deny" declines`)
  if (kind === 'approval' && verdict === 'answer')
    throw new DecisionError(
      'kind',
      `"${id}" asks for an approval: use "skein approve", or "skein deny" with a reason`,
    )
}
