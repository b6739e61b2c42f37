/**
 * When a peer was busy. Of the time that a message waits, queue is that in which its taker was busy with other
 * things; the rest is transit: the commit of the turn that sent it, its way over the bus, and the fetching.
 *
 * Busy is what keeps a peer from reading: any turn; and for the mailbox of its role also the model calls and tools in
 * flight, from the turn that asks for one to the turn that takes its outcome, since a peer reads that mailbox only
 * while it has few of these. Its own it always reads.
 */

import type { Story } from './story.ts'
import type { Causes } from './turn-causes.ts'

export type Interval = { readonly startMs: number; readonly endMs: number }

/** The parts of a time in which the peer was busy: disjoint, in order. */
export type Busy = (peer: string, isForAny: boolean, during: Interval) => Interval[]

export function busyIn(story: Story, causes: Causes): Busy {
  const turns = new Map<string, Interval[]>()
  const work = new Map<string, Interval[]>()
  for (const { peer, node } of story.turns) {
    listOf(turns, peer).push(node)
    listOf(work, peer).push(node)
  }
  for (const effect of story.effects) {
    if (effect.kind === 'person') continue // who waits reads on
    const { node, peer, turn } = effect
    const taker = causes.takerOf(effect)
    listOf(work, peer).push({
      startMs: turn.peer === peer ? Math.min(turn.node.startMs, node.startMs) : node.startMs,
      endMs: taker?.peer === peer ? Math.max(taker.node.startMs, node.endMs) : node.endMs,
    })
  }
  const united = new Map<Interval[], Interval[]>()

  return (peer, isForAny, { startMs, endMs }) => {
    const list = (isForAny ? work : turns).get(peer)
    if (list === undefined) return []
    const known = united.get(list) ?? union(list)
    united.set(list, known)
    const parts: Interval[] = []
    for (let index = firstEndingAfter(known, startMs); index < known.length; index++) {
      const part = known[index]!
      if (part.startMs >= endMs) break
      parts.push({ startMs: Math.max(startMs, part.startMs), endMs: Math.min(endMs, part.endMs) })
    }
    return parts
  }
}

/** The same time in disjoint intervals, in order. */
export function union(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  for (const { startMs, endMs } of [...intervals].sort((a, b) => a.startMs - b.startMs)) {
    const last = result.at(-1)
    if (last === undefined || startMs > last.endMs) result.push({ startMs, endMs })
    else if (endMs > last.endMs) result[result.length - 1] = { startMs: last.startMs, endMs }
  }
  return result
}

export const lengthOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs), 0)

function firstEndingAfter(intervals: readonly Interval[], ms: number): number {
  let [low, high] = [0, intervals.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (intervals[middle]!.endMs > ms) high = middle
    else low = middle + 1
  }
  return low
}

function listOf(lists: Map<string, Interval[]>, key: string): Interval[] {
  const known = lists.get(key)
  if (known !== undefined) return known
  const list: Interval[] = []
  lists.set(key, list)
  return list
}
