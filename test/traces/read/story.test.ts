import { describe, expect, it } from 'vitest'
import { storyOf } from '../../../traces/read/story.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import { sampleRun } from '../sample-run.ts'

const story = storyOf(traceTree(sampleRun()))

describe('the story of a run', () => {
  it('tells who talked with whom about what', () => {
    const told = story.messages.map(
      ({ fromPeer, type, toRole, taker }) => `${fromPeer}: ${type} to ${toRole}, taken by ${taker?.peer}`,
    )
    expect(told).toEqual([
      'origin: task.plan to planner, taken by planner-1',
      'planner-1: task.assign to coder, taken by coder-1',
      'planner-1: task.assign to researcher, taken by researcher-1',
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

  it('tells how it ended', () => {
    expect(story.over?.outcome).toBe('completed')
    expect(storyOf(traceTree([])).over).toBeUndefined()
  })
})
