/**
 * A run as steps between participants, in the order in which they were taken: messages, and notes on what else decided
 * how it went on. Repetitions are folded, and of what is still too long the middle is left out but for what failed.
 */
import { run } from '../../protocols/run.ts'
import type { Message, Story } from './story.ts'

/** A peer, or the role of a message that nobody took. */
export type Participant = string

export type Step =
  | {
      readonly kind: 'message'
      readonly from: Participant
      readonly to: Participant
      readonly type: string
      readonly conversation: string
      readonly answers: boolean
      readonly failure: string | undefined
      readonly taken: boolean
    }
  | { readonly kind: 'note'; readonly over: Participant; readonly text: string; readonly failed: boolean }

export type Item =
  | { readonly kind: 'step'; readonly step: Step; readonly conversations: number }
  /** These, so many times in a row. */
  | { readonly kind: 'loop'; readonly times: number; readonly items: readonly (Item & { kind: 'step' })[] }
  | { readonly kind: 'gap'; readonly messages: number; readonly notes: number }

/** It brings stake home to the origin: how a run knows that it is over, and no part of the talk. */
export const isAccounting = ({ type }: Pick<Message, 'type'>): boolean => type === run.messages.idle.type

/** All that happened between peers, in order of time. */
export function stepsOf(story: Story, all: boolean): Step[] {
  const timed: { atMs: number; step: Step }[] = []
  const note = (atMs: number, over: Participant, text: string, failed = false) =>
    timed.push({ atMs, step: { kind: 'note', over, text, failed } })

  for (const message of story.messages) {
    if (!all && isAccounting(message)) continue
    const { fromPeer, toRole, type, taker, answers, failure, sentMs } = message
    const conversation = message.toConversation ?? taker?.conversation.id ?? ''
    const to = taker?.peer ?? `role: ${toRole}`
    const whether = { answers: answers !== undefined, failure, taken: taker !== undefined }
    timed.push({
      atMs: sentMs,
      step: { kind: 'message', from: fromPeer, to, type, conversation, ...whether },
    })
  }
  for (const { node, failure, message, queueMs, peer, conversation } of story.turns) {
    const isOwn = failure !== undefined && message === undefined && queueMs === undefined
    if (isOwn) note(node.startMs, peer, `${failure} in ${conversation.id}`, true)
  }
  for (const { node, peer, conversation } of story.takeovers)
    note(node.startMs, peer, `takes over ${conversation.role} ${conversation.id}`)
  for (const { node, outcome, id, role, peers } of story.conversations)
    if (outcome === 'failed') note(node.endMs, peers.at(-1) ?? `role: ${role}`, `${role} ${id} failed`, true)
  return timed.sort((a, b) => a.atMs - b.atMs).map(({ step }) => step)
}

/** A loop of fewer rounds is not worth its frame. */
const MIN_ROUNDS = 3
/** Steps of a round: a question and its answer, there and back again. */
const MAX_ROUND = 4

/** Repetitions between the same participants become loops, whatever conversations they are about. */
export function folded(steps: readonly Step[]): Item[] {
  const signs = steps.map(signOf)
  const items: Item[] = []
  for (let at = 0; at < steps.length; ) {
    const { round, times } = repetition(signs, at)
    const rounds = steps.slice(at, at + round * times)
    const inRound = rounds.slice(0, round).map((step, index) => {
      const same = rounds.filter((_, other) => other % round === index)
      return { kind: 'step' as const, step, conversations: new Set(same.map(conversationOf)).size }
    })
    items.push(times === 1 ? inRound[0]! : { kind: 'loop', times, items: inRound })
    at += round * times
  }
  return items
}

/** The longest repetition that begins here; a round of one step, once, where there is none. */
function repetition(signs: readonly string[], at: number): { round: number; times: number } {
  let best = { round: 1, times: 1 }
  for (let round = 1; round <= MAX_ROUND; round++) {
    let end = at + round
    while (end < signs.length && signs[end] === signs[end - round]) end++
    const times = Math.floor((end - at) / round)
    if (times >= MIN_ROUNDS && times * round > best.times * best.round) best = { round, times }
  }
  return best
}

const signOf = (step: Step): string =>
  step.kind === 'note'
    ? JSON.stringify([step.over, step.text])
    : JSON.stringify([step.from, step.to, step.type, step.answers, step.failure ?? '', step.taken])

const conversationOf = (step: Step): string => (step.kind === 'message' ? step.conversation : step.text)

/** Lines that an item takes in a diagram. */
export const linesOf = (item: Item): number => (item.kind === 'loop' ? item.items.length + 2 : 1)

/** What is kept of a list that is too long, of the lines there are. */
const SHARES = { first: 0.5, last: 0.25 }

/** Of more lines than these the first and the last, and of those between what failed; gaps say how much is gone. */
export function bounded(items: readonly Item[], maxLines: number): Item[] {
  if (items.reduce((sum, item) => sum + linesOf(item), 0) <= maxLines) return [...items]
  const first = fitting(items, maxLines * SHARES.first)
  const last = fitting(items.slice(first).reverse(), maxLines * SHARES.last)
  const middle = items.slice(first, items.length - last)
  // Each that is kept may have a gap before it, and there is one at the end.
  let room = maxLines * (1 - SHARES.first - SHARES.last) - 1
  const kept: Item[] = []
  let hidden: Item[] = []
  const hide = () => {
    if (hidden.length > 0) kept.push(gapOf(hidden))
    hidden = []
  }
  for (const item of middle) {
    if (!isNotable(item) || room < linesOf(item) + 1) {
      hidden.push(item)
      continue
    }
    hide()
    room -= linesOf(item) + 1
    kept.push(item)
  }
  hide()
  return [...items.slice(0, first), ...kept, ...items.slice(items.length - last)]
}

/** How many fit into these lines. */
function fitting(items: readonly Item[], lines: number): number {
  let count = 0
  for (let taken = 0; count < items.length; count++) {
    taken += linesOf(items[count]!)
    if (taken > lines) break
  }
  return count
}

function isNotable(item: Item): boolean {
  switch (item.kind) {
    case 'gap':
      return false
    case 'loop':
      return item.items.some(isNotable)
    case 'step':
      return item.step.kind === 'note' || item.step.failure !== undefined || !item.step.taken
  }
}

function gapOf(items: readonly Item[]): Item {
  let [messages, notes] = [0, 0]
  const count = (item: Item, times: number): void => {
    if (item.kind === 'loop') for (const inner of item.items) count(inner, item.times)
    else if (item.kind === 'step' && item.step.kind === 'message') messages += times
    else notes += times
  }
  for (const item of items) count(item, 1)
  return { kind: 'gap', messages, notes }
}
