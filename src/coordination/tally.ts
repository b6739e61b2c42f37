/**
 * Votes counted: what a ballot comes to, and whether that is certain before all have voted. Pure.
 *
 * The outcome hangs on the votes alone, in whatever order they came (QV4, `quorum-vote.ts`): a ballot is over early only
 * where no vote that is still missing could change it. Closed with the first votes that make a quorum, it would be
 * decided by whoever is fastest.
 */

/** What became of one voter. */
export type Vote<Choice extends string = string> =
  | { readonly kind: 'voted'; readonly choice: Choice; readonly reason: string }
  | { readonly kind: 'abstained'; readonly reason: string }
  /** It chose what is no option. */
  | { readonly kind: 'spoiled'; readonly choice: string }
  /** It did not vote: it failed, or was late. */
  | { readonly kind: 'missing'; readonly why: string; readonly reason: string }

export type Rule = {
  /** Voters who have to vote; who abstains has voted, who spoils his vote has not. */
  readonly quorum: number
  /** Votes that a choice needs to win: 1 is plurality. */
  readonly majority: number
}

export type BallotOutcome<Choice extends string = string> = Count<Choice> &
  (
    | { readonly kind: 'decided'; readonly choice: Choice }
    /** Several lead with as many votes. */
    | { readonly kind: 'tie'; readonly choices: readonly Choice[] }
    /** Nobody has the votes that it takes to win. */
    | { readonly kind: 'no-majority'; readonly choices: readonly Choice[] }
    /** Too few voted. */
    | { readonly kind: 'no-quorum' }
  )

type Count<Choice extends string> = {
  /** Of each option, in their order. */
  readonly tally: readonly { readonly choice: Choice; readonly votes: number }[]
  readonly abstained: number
  /** Neither voted nor abstained by the end of the ballot. */
  readonly missing: number
}

/** More than half of so many. */
export const moreThanHalf = (voters: number): number => Math.floor(voters / 2) + 1

/**
 * What a ballot comes to, or undefined while a vote that is missing could still change that.
 * @param voters how many were called
 * @param votes of those who were heard, one of each
 */
export function outcomeOf<Choice extends string>(
  options: readonly Choice[],
  voters: number,
  votes: readonly Vote<Choice>[],
  { quorum, majority }: Rule,
): BallotOutcome<Choice> | undefined {
  const pending = voters - votes.length
  const tally = options.map((choice) => ({
    choice,
    votes: votes.filter((vote) => vote.kind === 'voted' && vote.choice === choice).length,
  }))
  const abstained = votes.filter(({ kind }) => kind === 'abstained').length
  const cast = abstained + tally.reduce((sum, { votes }) => sum + votes, 0)
  const count = { tally, abstained, missing: voters - cast }
  if (cast + pending < quorum) return { kind: 'no-quorum', ...count }
  if (cast < quorum) return undefined
  const [most = 0, second = 0] = tally.map(({ votes }) => votes).sort((a, b) => b - a)
  const choices = tally.filter(({ votes }) => votes === most).map(({ choice }) => choice)
  if (most + pending < majority) return { kind: 'no-majority', choices, ...count }
  if (most >= majority && most > second + pending) return { kind: 'decided', choice: choices[0]!, ...count }
  return pending === 0 ? { kind: 'tie', choices, ...count } : undefined
}
