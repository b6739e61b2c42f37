import { describe, expect, it } from 'vitest'
import { cycleOfWaits } from '../../../traces/diagnose/cycle-of-waits.ts'
import { script } from './script.ts'

describe('a cycle of waits', () => {
  const asksBack = (isAnswered: boolean) => {
    const play = script()
    const planner = play.opens(play.goal)
    const asked = planner.send('question.ask', { to: ['helper', 'q'], awaits: true })
    const helper = play.opens(asked)
    const back = helper.send('question.ask', { to: ['planner', 'goal'], awaits: true })
    planner.takes(back, { as: isAnswered ? 'taken' : 'deferred' })
    if (isAnswered) helper.takes(planner.send('question.answer', { answers: back }))
    else planner.isTold('timeout')
    if (isAnswered) planner.takes(helper.send('question.answer', { answers: asked }))
    return cycleOfWaits.detect(play.story())
  }

  it('is two who ask each other until the time of one has run out', () => {
    const found = asksBack(false)
    expect(found).toMatchObject([{ severity: 'error' }])
    expect(found[0]!.seen).toContain('planner "goal" → helper "q" → planner "goal"; a timeout ended it')
  })

  it('is none where who is asked asks back, is answered, and answers', () => {
    expect(asksBack(true)).toEqual([])
  })

  it('is none where one asks after the other has given up', () => {
    const play = script()
    const planner = play.opens(play.goal)
    const asked = planner.send('question.ask', { to: ['helper', 'q'], awaits: true })
    const helper = play.opens(asked)
    planner.isTold('timeout')
    planner.takes(helper.send('question.ask', { to: ['planner', 'goal'], awaits: true }), { as: 'deferred' })
    helper.isTold('timeout')
    expect(cycleOfWaits.detect(play.story())).toEqual([])
  })

  const joined = (slips: readonly [string, string], outcome = 'unsatisfied') => {
    const play = script()
    const planner = play.opens(play.goal)
    play.opens(planner.send('task.request', { to: ['coder', 'a'], slip: [slips[0], 'review'] }))
    play.opens(planner.send('task.request', { to: ['coder', 'b'], slip: [slips[1], 'review'] }))
    play.opens(planner.send('review.request', { to: ['reviewer', 'review'] }))
    play.over(outcome)
    return cycleOfWaits.detect(play.story())
  }

  it('is two tasks that wait for each other by their slips', () => {
    const found = joined(['b', 'a'])
    expect(found).toHaveLength(1)
    expect(found[0]!.seen).toContain('coder "b" → coder "a" → coder "b"')
  })

  it('is none where they wait one after the other, or the run was cancelled', () => {
    expect(joined(['b', 'review'])).toEqual([])
    expect(joined(['b', 'a'], 'cancelled')).toEqual([])
  })
})
