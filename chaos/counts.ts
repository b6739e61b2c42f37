/** What happened in a flight, in numbers: read off the journals, the logs of the peers, the wire and the endpoint. */
import type { Evidence } from './inquest.ts'
import { callsIn, type Journal, silenceIn } from './journal.ts'
import { TEXT } from './log-line.ts'

export type Counts = {
  readonly runs: number
  /** From the beginning of each run to its end. */
  readonly seconds: number
  /** The longest time without a commit, in seconds: what it took to go on after the worst hit. */
  readonly silence: number
  /** Peer processes that were killed, and such as were stopped for longer than their leases live. */
  readonly kills: number
  readonly pauses: number
  /** nats-servers that were ended and started again. */
  readonly serversEnded: number
  readonly adoptions: number
  /** Origins of runs that another process took. */
  readonly originsAdopted: number
  /** Conversations that went on under a new epoch. */
  readonly takeovers: number
  /** Leases that their holders found lost. */
  readonly fenced: number
  readonly redeliveries: number
  /** Messages that came again and changed nothing. */
  readonly duplicatesDropped: number
  /** Calls of the model that were made, and answers of it that were recorded. */
  readonly modelCalls: number
  readonly answersRecorded: number
  /** Recorded answers with which another process went on. */
  readonly answersReused: number
}

type Sources = Pick<Evidence, 'crew' | 'flown' | 'net' | 'requests'>

export function countsOf({ crew, flown, net, requests }: Sources): Counts {
  const journals = flown.map(({ journal }) => journal)
  const calls = journals.flatMap((journal) => [...callsIn(journal).values()])
  const lines = crew.children.flatMap(({ said }) => said)
  const said = (text: string) => lines.filter((line) => line.includes(text)).length
  return {
    runs: flown.length,
    seconds: sum(flown.map(({ seconds }) => seconds)),
    silence: Math.max(...journals.map((journal) => silenceIn(journal).seconds)),
    kills: crew.kills,
    pauses: crew.pauses.length,
    serversEnded: sum(flown.map(({ serversHit }) => serversHit)),
    adoptions: said(TEXT.adopted),
    originsAdopted: said(TEXT.originAdopted),
    takeovers: journals.flat().filter(isTakeover).length,
    fenced: said(TEXT.leaseLost),
    redeliveries: net.wire.redeliveries(),
    duplicatesDropped: said(TEXT.takenBefore),
    // Where nobody else counts, the journals say how often each call was started.
    modelCalls: requests?.length ?? sum(calls.map(({ attempts }) => attempts)),
    answersRecorded: calls.filter(({ recordedAt }) => recordedAt !== undefined).length,
    answersReused: sum(journals.map(reusedIn)),
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

const isTakeover = ({ record: { took } }: Journal[number]) => took.event === 'takeover'

/** Answers that were recorded in a conversation before its last takeover. */
function reusedIn(journal: Journal): number {
  const lastTakeover = new Map<string, number>(
    journal.filter(isTakeover).map(({ record, storedAt }) => [record.conversation, storedAt]),
  )
  return [...callsIn(journal).values()].filter(
    ({ conversation, recordedAt }) =>
      recordedAt !== undefined && recordedAt <= (lastTakeover.get(conversation) ?? 0),
  ).length
}
