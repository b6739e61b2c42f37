/** A message that nobody took, or nobody in time: no peer of its role was there, or none was free. */
import type { Message, Story, Turn } from '../read/story.ts'
import type { Detector } from './finding.ts'
import { isClosing, isFailure, isTalk, listed } from './talk.ts'
import { unsentIn, type Wait, waitsIn } from './waits.ts'

/**
 * How long a message must have lain when its run ended, in milliseconds. Who is free takes one at once, and one whose
 * process died is with somebody else when its lease has run out; what was sent just before the end lay for no time.
 */
const LAIN_MS = 10_000

export const unclaimedTask: Detector = {
  code: 'unclaimed-task',
  mast: undefined,
  detect(story) {
    const failed = new Map(
      waitsIn(story).flatMap((wait) => (wait.end === 'failed' ? [[wait.message, wait] as const] : [])),
    )
    const unsent = unsentIn(story)
    const present = new Set(
      story.turns.filter((turn) => !isClosing(turn)).map(({ conversation }) => conversation.role),
    )
    const byRole = new Map<string, Message[]>()
    for (const message of story.messages)
      if (unsent.has(message) || isUnclaimed(message, story, failed.get(message), present))
        byRole.set(message.toRole, [...(byRole.get(message.toRole) ?? []), message])
    return [...byRole].map(([role, messages]) => {
      const wasThere = present.has(role)
      const ends = messages.flatMap(
        (message) => (unsent.get(message) ?? failed.get(message)?.turn)?.node ?? [],
      )
      const isRefused = messages.every((message) => unsent.has(message))
      const isLate = messages.every((message) => takenBy(message) !== undefined)
      const count = messages.length === 1 ? 'A message' : `${messages.length} messages`
      const how = isRefused
        ? 'it was not put into a mailbox, and its sender was told'
        : wasThere
          ? `peers of it were there, and none took it${isLate ? ' before its time had run out' : ''}`
          : 'no peer of it did anything in the run'
      const isBad = story.over !== undefined && story.over.outcome !== 'completed'
      return {
        // Who is told at once that there is no room can do something else.
        severity: isRefused ? 'note' : isBad ? 'error' : 'warning',
        seen: `${count} to role "${role}" (${listed(messages.map(({ type }) => `"${type}"`))}) had no taker: ${how}.`,
        why: 'Whoever waits for what should come of it waits in vain, until a deadline says so.',
        advice: wasThere
          ? 'See with "skein ps" what its peers are busy with, and host more of them.'
          : `Host a peer of it with "skein peer ${role}", or hand the work to a role that is there.`,
        nodes: [...messages.map(({ node }) => node), ...ends],
      }
    })
  },
}

function isUnclaimed(
  message: Message,
  { over }: Story,
  wait: Wait | undefined,
  present: ReadonlySet<string>,
): boolean {
  const { answers, failure, sentMs } = message
  if (!isTalk(message) || isFailure(message) || answers !== undefined || failure !== undefined) return false
  const taker = takenBy(message)
  // To a peer of one's choice it is for him to read; whoever is free reads what is for any.
  if (taker !== undefined) return message.isForAny && isTooLate(taker, message, wait)
  // A failure that the host said; one that somebody sent is an answer.
  if (wait?.turn?.failure === 'no-peer' || wait?.turn?.failure === 'timeout') return true
  if (over === undefined || over.outcome === 'cancelled') return false
  return !present.has(message.toRole) || over.node.startMs - sentMs >= LAIN_MS
}

const takenBy = ({ taker }: Message): Turn | undefined =>
  taker !== undefined && !isClosing(taker) ? taker : undefined

/** Its sender had been told that no answer came, or would have been: it was due by the sender's clock. */
function isTooLate({ node }: Turn, message: Message, wait: Wait | undefined): boolean {
  const dueMs = (message.deadlineMs ?? Number.POSITIVE_INFINITY) + message.node.shiftMs
  const isTold = wait?.turn?.failure === 'timeout' && wait.untilMs < node.startMs
  return isTold || dueMs < node.startMs
}
