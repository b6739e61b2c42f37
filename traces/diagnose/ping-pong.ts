/**
 * Messages go back and forth, or round in a circle, and nothing comes of it. Read along chains of causes, so that what
 * peers say at the same time does not count.
 */
import type { Effect, Story } from '../read/story.ts'
import { chainsIn, type Link, newTreesIn } from './causes.ts'
import type { Detector, Sighting } from './finding.ts'
import { listed, originOf, resultTurn } from './talk.ts'

/** The same said by the same in answer to the same: once more may be a misunderstanding, a third time is a pattern. */
const ROUNDS = 3
/** Messages back and forth, each unlike the others, after which it counts that a limit had to end them: five rounds. */
const LONG = 10
/** As many that ended by themselves, with nothing done between: more than any debate in the literature has rounds. */
const VERY_LONG = 20

export const pingPong: Detector = {
  code: 'ping-pong',
  mast: 'FM-1.3',
  detect(story) {
    const news = newTreesIn(story)
    const loops = new Map<string, Loop>()
    for (const chain of chainsIn(story)) {
      for (const links of [...repeats(chain, news), ...alternations(chain, news, story)]) {
        const roles = [...new Set(links.flatMap(({ message }) => [roleOf(message), message.toRole]))].sort()
        const known = loops.get(roles.join(' ')) ?? { roles, links: new Set() }
        for (const link of links) known.links.add(link)
        loops.set(roles.join(' '), known)
      }
    }
    return [...loops.values()].map((loop) => sightingOf(loop))
  },
}

type Loop = { readonly roles: readonly string[]; readonly links: Set<Link> }
type News = ReadonlySet<Effect>

const roleOf = ({ sender }: Link['message']): string => sender?.conversation.role ?? ''

function signatureOf({ message }: Link): string | undefined {
  const { bodyDigest, toRole, type } = message
  return bodyDigest === undefined ? undefined : [roleOf(message), toRole, type, bodyDigest].join(' ')
}

const isProgress = ({ work }: Link, news: News): boolean => work.some((effect) => news.has(effect))

/** Stretches of a chain in which nobody says or makes anything new. */
function repeats(chain: readonly Link[], news: News): Link[][] {
  const found: Link[][] = []
  let seen = new Map<string, number[]>()
  let stale = 0
  for (const [index, link] of [...chain, undefined].entries()) {
    const signature = link && signatureOf(link)
    const isFresh =
      link === undefined || signature === undefined || isProgress(link, news) || !seen.has(signature)
    if (isFresh) {
      // The round before the first repetition belongs to the loop, whatever was new in it.
      const from = index - stale
      const first = stale > 0 ? seen.get(signatureOf(chain[from]!)!)!.findLast((at) => at < from) : undefined
      const loop = first === undefined ? [] : chain.slice(first, index)
      if (countOf(loop) >= ROUNDS && !isAskingOnly(loop)) found.push(loop)
      stale = 0
    } else stale++
    if (link !== undefined && isProgress(link, news)) seen = new Map()
    if (signature === undefined) continue
    const places = seen.get(signature)
    if (places === undefined) seen.set(signature, [index])
    else places.push(index)
  }
  return found
}

function countOf(loop: readonly Link[]): number {
  const counts = new Map<string | undefined, number>()
  for (const link of loop) counts.set(signatureOf(link), (counts.get(signatureOf(link)) ?? 0) + 1)
  return [...counts.values()].reduce((most, count) => Math.max(most, count), 0)
}

/** One asks, always anew, and the other only answers: that is a step repeated by who asks. */
function isAskingOnly(loop: readonly Link[]): boolean {
  const asks = loop.filter((link, index) => loop[index + 1]?.message.answers === link.message.id)
  const answers = loop.filter((link, index) => link.message.answers === loop[index - 1]?.message.id)
  const opened = new Set(asks.map(({ message }) => message.toConversation))
  return opened.size > 1 && opened.size === asks.length && asks.length + answers.length >= loop.length - 1
}

/** Stretches in which two go back and forth, and which show otherwise that nothing comes of it. */
function alternations(chain: readonly Link[], news: News, story: Story): Link[][] {
  const found: Link[][] = []
  for (let first = 0; first < chain.length; ) {
    let end = first + 1
    while (end < chain.length && goesBack(chain[end - 1]!, chain[end]!) && !isProgress(chain[end]!, news))
      end++
    const stretch = chain.slice(first, end)
    if (isInVain(stretch, story)) found.push(stretch)
    first = end > first + 1 ? end - 1 : end
    if (end === chain.length) break
  }
  return found
}

function goesBack({ message: there }: Link, { message: back }: Link): boolean {
  const isReturned = there.sender !== undefined && back.toConversation === there.sender.conversation.id
  const isOfRoles =
    roleOf(there) === back.toRole && roleOf(back) === there.toRole && roleOf(there) !== roleOf(back)
  return isReturned || isOfRoles
}

function isInVain(stretch: readonly Link[], story: Story): boolean {
  if (isSameAnswer(stretch)) return true
  const { length } = stretch
  const last = stretch.at(-1)!.message
  const isLimited =
    last.sender?.conversation.turns.some(({ limit }) => limit !== undefined) === true ||
    last.taker?.conversation.turns.some(({ limit }) => limit !== undefined) === true
  if (length >= LONG && isLimited) return true
  const isIdle = stretch.every(({ work }) => work.every(({ kind }) => kind !== 'tool'))
  if (!isIdle) return false
  const isResultless =
    story.over !== undefined && originOf(story) !== undefined && resultTurn(story) === undefined
  return length >= VERY_LONG || (length >= LONG && isResultless)
}

/**
 * One demands again and again, in whatever words; the other, in the same conversation about the same workspace, gives
 * the same answer and changed nothing for it.
 */
function isSameAnswer(stretch: readonly Link[]): boolean {
  const answers = stretch.filter(({ message }, index) => message.answers === stretch[index - 1]?.message.id)
  const rest = answers.slice(1)
  const first = answers[0]
  if (first === undefined || answers.length < ROUNDS) return false
  const isSame = rest.every(
    (link) =>
      signatureOf(link) !== undefined &&
      signatureOf(link) === signatureOf(first) &&
      link.message.sender?.conversation === first.message.sender?.conversation,
  )
  const onTree = first.message.sender?.conversation.effects.some(({ treeBefore }) => treeBefore !== undefined)
  const done = new Set<string>()
  const triesNothing = answers.every(({ work }, index) => {
    const steps = work.filter(({ kind }) => kind === 'tool').map(stepOf)
    const isNothingNew = index === 0 || steps.every((step) => done.has(step))
    for (const step of steps) done.add(step)
    return isNothingNew
  })
  return isSame && onTree === true && triesNothing
}

const stepOf = ({ name, inputDigest, treeBefore }: Effect): string =>
  [name, inputDigest, treeBefore].join(' ')

function sightingOf({ roles, links }: Loop): Sighting {
  const messages = [...links].map(({ message }) => message).sort((a, b) => a.sentMs - b.sentMs)
  const limits = new Set(
    messages.flatMap(({ sender, taker }) =>
      [sender, taker].flatMap((turn) => turn?.conversation.turns.flatMap(({ limit }) => limit ?? []) ?? []),
    ),
  )
  const ended = limits.size > 0 ? `; it ended since no ${listed([...limits])} were left` : ''
  const way = roles.length > 2 ? 'went round in a circle' : 'went back and forth'
  const types = listed(messages.map(({ type }) => `"${type}"`))
  return {
    severity: limits.size > 0 ? 'error' : 'warning',
    seen: `${messages.length} messages ${way} between ${listed(roles)} (${types}), and nothing new was said or made${ended}.`,
    why: 'Each of them waits for the other to move, so only a limit ends it.',
    advice:
      'Bound the rounds in the machine of one of them, give it a way to decide or to give up, and say in the message what has changed since the last one.',
    nodes: messages.map(({ node }) => node),
  }
}
