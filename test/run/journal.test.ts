import { describe, expect, it } from 'vitest'
import { summarise } from '../../src/run/summary.ts'
import { spansOfRun } from '../../src/run/trace.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import type { Span } from '../../traces/span.ts'
import { dispatcher, flock, runner } from './flock.ts'

/** A whole run. */
async function flown(more: Parameters<ReturnType<typeof flock>['start']>[0] = {}) {
  const { host, start, settled } = flock()
  await host('one', [{ role: dispatcher }, { role: runner }])
  await host('two', [{ role: runner }])
  return settled(start(more))
}

const prefixes = (journal: readonly ConversationRecord[]) =>
  journal.map((_, index) => journal.slice(0, index + 1))

/** Spans without a parent, and those whose parent is not among them. */
function astray(spans: readonly Span[]) {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  return {
    roots: spans.filter(({ parentSpanId }) => parentSpanId === undefined).map(({ name }) => name),
    orphans: spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId)),
    twice: spans.length - ids.size,
  }
}

describe('a journal', () => {
  it('has all of the stake at its origin when its run is over, and at no time before', async () => {
    const { journal } = await flown()
    const isHome = journal.map(
      ({ conversation, outbox, stake }) =>
        conversation === 'r1/origin' && outbox.length === 0 && stake === '1p0',
    )
    expect(isHome.lastIndexOf(true)).toBe(isHome.indexOf(true))
    expect(journal.slice(isHome.indexOf(true) + 1).map(({ took }) => took.event)).toEqual(
      journal.slice(isHome.indexOf(true) + 1).map(() => 'settled'),
    )
  })

  it('tells who took part and what was spent', async () => {
    const { journal } = await flown()
    const { peers, messages, control, turns, spent, byPeer } = summarise(journal)
    expect(peers.map(({ peer, host }) => `${peer} at ${host}`).sort()).toEqual([
      'dispatcher-1 at one',
      'origin-r1 at submitter',
      'runner-1 at one',
      'runner-2 at two',
    ])
    // The plan, four errands with something besides, four answers, the report.
    expect(messages).toBe(1 + 4 * 2 + 4 + 1)
    // Whoever waits to hear of the other errand has nothing to do meanwhile.
    expect(control).toBeLessThanOrEqual(4)
    // The start, the plan and its answer; four calls and two tools for each errand, and its three messages; the pause.
    expect(turns).toBe(1 + 2 + 4 * (2 + 6 + 1) + 1 + control)
    expect(spent).toEqual({ calls: 16, inputTokens: 0, outputTokens: 0, tools: 8 })
    expect(Object.keys(byPeer).sort()).toEqual(['dispatcher-1', 'origin-r1', 'runner-1', 'runner-2'])
    expect(byPeer['runner-1']!.calls + byPeer['runner-2']!.calls).toBe(16)
    expect(byPeer['dispatcher-1']!.calls).toBe(0)
  })

  it('of nothing tells nothing', () => {
    expect(summarise([])).toEqual({
      peers: [],
      messages: 0,
      control: 0,
      turns: 0,
      spent: { calls: 0, inputTokens: 0, outputTokens: 0, tools: 0 },
      byPeer: {},
    })
  })

  it('counts as turns what a machine took, not what a host wrote by itself', async () => {
    const { journal } = await flown()
    const { turns } = summarise(journal)
    const byHost = ['settled', 'takeover', 'credited', 'ended'].map((event) => {
      const last = journal.at(-1)!
      return { ...last, took: { ...last.took, event } }
    })
    expect(summarise([...journal, ...byHost]).turns).toBe(turns)
  })

  it('counts a conversation that two peers worked on for each of them', async () => {
    const { journal } = await flown()
    const at = journal.findLastIndex(({ took }) => took.event === 'xstate.done.actor.chat')
    const moved = journal.with(at, { ...journal[at]!, by: { ...journal[at]!.by, peer: 'runner-9' as never } })
    expect(summarise(moved).byPeer['runner-9']).toMatchObject({ calls: 1, tools: 0 })
    expect(summarise(moved).spent).toEqual(summarise(journal).spent)
  })
})

describe('the spans of a run', () => {
  it('are one tree, whenever the journal ends', async () => {
    const { journal, record } = await flown()
    for (const prefix of prefixes(journal)) {
      expect(astray(spansOfRun(prefix, record))).toEqual({
        roots: ['invoke_workflow mesh'],
        orphans: [],
        twice: 0,
      })
    }
  })

  it('name every conversation, also those that never closed', async () => {
    const { journal, record } = await flown()
    const names = (commits: readonly ConversationRecord[]) =>
      spansOfRun(commits, record)
        .map(({ name }) => name)
        .filter((name) => name.startsWith('invoke_agent'))
        .sort()
    const all = ['dispatcher', 'origin', 'runner', 'runner', 'runner', 'runner'].map(
      (role) => `invoke_agent ${role}`,
    )
    expect(names(journal)).toEqual(all)
    expect(names(journal.slice(0, 1))).toEqual(['invoke_agent origin'])
  })

  it('are only the root where nothing was recorded', async () => {
    const { journal, record } = await flown({ sampled: false })
    expect(spansOfRun(journal, record)).toEqual([record.root])
  })
})
