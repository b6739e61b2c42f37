import { describe, expect, it } from 'vitest'
import { GENERAL, SKEIN } from '../../../traces/names.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import type { Span } from '../../../traces/span.ts'
import { sampleId, sampleRun } from '../sample-run.ts'

const story = storyOf(traceTree(sampleRun()))

describe('the story of a run', () => {
  it('tells who talked with whom about what', () => {
    const told = story.messages.map(
      ({ fromPeer, type, isForAny, toRole, taker }) =>
        `${fromPeer}: ${type} to ${isForAny ? 'any ' : ''}${toRole}, taken by ${taker?.peer}`,
    )
    expect(told).toEqual([
      'origin: task.plan to any planner, taken by planner-1',
      'planner-1: task.assign to any coder, taken by coder-1',
      'planner-1: task.assign to any researcher, taken by researcher-1',
      'researcher-1: task.result to coder, taken by coder-1',
      'coder-1: task.result to origin, taken by origin',
    ])
  })

  it('tells what each conversation did, in order', () => {
    const told = story.conversations.map(
      ({ id, role, turns, effects }) =>
        `${role} ${id}: ${turns.map(({ to }) => to).join(' ')}; ${effects.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`,
    )
    expect(told).toEqual([
      'origin origin: waiting done; ',
      'planner plan: thinking done; chat gpt-5-mini',
      'researcher read: acting thinking done; tool search_documents, chat gpt-5-mini',
      'coder code: waiting thinking acting thinking acting done; chat gpt-5-mini, tool run_tests, chat gpt-5-mini, tool run_tests',
    ])
  })

  it('tells how it began and how it ended', () => {
    expect(story.submitted?.span.name).toBe('invoke_workflow mesh')
    expect(story.over?.outcome).toBe('completed')
    const nothing = storyOf(traceTree([]))
    expect([nothing.submitted, nothing.over]).toEqual([undefined, undefined])
  })

  it('tells what is said of prompts, waits and outcomes, and leaves undefined what is not', () => {
    const said = { [SKEIN.promptBytes]: 900, [SKEIN.promptPeerBytes]: 0 }
    const spans = sampleRun().map((span) => {
      const isChat = span.spanId === sampleId('plan.chat')
      const more = isChat ? said : { [SKEIN.queueMs]: 7, [SKEIN.effect]: '2.1' }
      return { ...span, attributes: { ...span.attributes, ...more } }
    })
    const { turns, effects } = storyOf(traceTree(spans))
    const told = effects
      .filter(({ kind }) => kind === 'chat')
      .map((chat) => [chat.promptBytes, chat.promptPeerBytes])
    expect(told).toEqual([[900, 0], ...Array.from({ length: 3 }, () => [undefined, undefined])])
    expect([turns[0]!.queueMs, turns[0]!.outcomeOf]).toEqual([7, '2.1'])
    expect([story.turns[0]!.queueMs, story.effects[0]!.id]).toEqual([undefined, undefined])
  })

  it('tells what is known of limits, trees, checks and digests', () => {
    const said: Record<string, Span['attributes']> = {
      [sampleId('code.4')]: { [SKEIN.deferred]: 2, [SKEIN.unheard]: 1, [SKEIN.limit]: 'hops' },
      [sampleId('assign.code')]: { [SKEIN.slip]: ['review'], [SKEIN.bodyDigest]: 'ab', [SKEIN.deadline]: 9 },
      [sampleId('code.test')]: { [SKEIN.treeBefore]: 't1', [SKEIN.tree]: 't2', [SKEIN.check]: 'failed' },
      [sampleId('code')]: { [GENERAL.errorType]: 'run.ended' },
    }
    const spans = sampleRun().map((span) => ({
      ...span,
      attributes: { ...span.attributes, ...said[span.spanId] },
    }))
    const { conversations, turns, messages, effects } = storyOf(traceTree(spans))
    const { deferred, unheard, limit } = turns.find(({ node }) => node.span.spanId === sampleId('code.4'))!
    expect([deferred, unheard, limit]).toEqual([2, 1, 'hops'])
    const { slip, bodyDigest, deadlineMs } = messages.find(({ id }) => id === 'assign.code')!
    expect([slip, bodyDigest, deadlineMs]).toEqual([['review'], 'ab', 9])
    const { treeBefore, tree, check } = effects.find(({ name }) => name === 'run_tests')!
    expect([treeBefore, tree, check]).toEqual(['t1', 't2', 'failed'])
    expect(conversations.map(({ error }) => error)).toEqual([undefined, undefined, undefined, 'run.ended'])
  })

  it('tells no message before the one that led to it, also where all is sent in one moment', () => {
    const moment = sampleRun().map((span) => ({ ...span, startMs: 0, endMs: 0 }))
    const told = storyOf(traceTree(moment)).messages
    for (const message of told) {
      const cause = message.sender?.conversation.turns[0]?.message
      if (cause !== undefined) expect(told.indexOf(cause)).toBeLessThan(told.indexOf(message))
    }
    const heard = told.filter(({ sender }) => sender?.conversation.role === 'coder')
    expect(told.indexOf(heard[0]!)).toBe(told.length - 1)
  })
})
