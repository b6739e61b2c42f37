import { describe, expect, it } from 'vitest'
import { unawareOfTermination } from '../../../traces/diagnose/unaware-of-termination.ts'
import { SKEIN } from '../../../traces/names.ts'
import { type Actor, script } from './script.ts'

const chats = (actor: Actor, count: number) => {
  for (let call = 0; call < count; call++) actor.chat()
}

describe('unaware of termination', () => {
  const afterAnswer = (count: number, before?: (coder: Actor) => void) => {
    const play = script()
    const planner = play.opens(play.goal)
    const task = planner.send('task.request', { to: ['coder', 'code'], awaits: true })
    const coder = play.opens(task).chat()
    before?.(coder)
    const result = coder.send('task.result', { answers: task })
    chats(coder, count)
    planner.takes(result)
    return unawareOfTermination.detect(play.story())
  }

  it('is who goes on calling a model after its answer', () => {
    const found = afterAnswer(4)
    expect(found).toMatchObject([{ severity: 'warning', nodes: { length: 5 } }])
    expect(found[0]!.seen).toContain('called a model 4 times more')
  })

  it('is not who tidies up after its answer', () => {
    expect(afterAnswer(2)).toEqual([])
  })

  it('is not who owes another answer still', () => {
    const play = script()
    const planner = play.opens(play.goal)
    const one = planner.send('task.request', { to: ['coder', 'code'], awaits: true })
    const coder = play.opens(one)
    const two = planner.send('task.request', { to: ['coder', 'code'], awaits: true })
    coder.takes(two).send('task.result', { answers: one })
    chats(coder, 6)
    coder.send('task.result', { answers: two })
    expect(unawareOfTermination.detect(play.story())).toEqual([])
  })

  it('is not who was asked for something else after its answer', () => {
    const play = script()
    const planner = play.opens(play.goal)
    const task = planner.send('task.request', { to: ['coder', 'code'], awaits: true })
    const coder = play.opens(task)
    planner.takes(coder.send('task.result', { answers: task }))
    const revise = planner.send('review.revise', { to: ['coder', 'code'], awaits: true })
    chats(coder.takes(revise), 6)
    coder.send('task.result', { answers: revise })
    expect(unawareOfTermination.detect(play.story())).toEqual([])
  })

  const afterResult = (count: number) => {
    const play = script()
    const planner = play.opens(play.goal)
    const coder = play.opens(planner.send('task.request', { to: ['coder', 'code'] })).chat()
    play.origin.takes(planner.send('run.result', { answers: play.goal }))
    chats(coder, count)
    play.over('completed')
    return unawareOfTermination.detect(play.story())
  }

  it('is who goes on when the run has its result', () => {
    expect(afterResult(3)).toMatchObject([{ severity: 'warning' }])
  })

  it('is not whose last call was under way when the run had its result', () => {
    expect(afterResult(2)).toEqual([])
  })

  const stopped = (count: number, end: (planner: Actor) => void, outcome = 'failed') => {
    const play = script()
    const planner = play.opens(play.goal)
    chats(planner, count)
    end(planner)
    play.over(outcome)
    return unawareOfTermination.detect(play.story())
  }

  it('is who never comes to an answer, until a limit of its own stops it, or the end of the run', () => {
    const failing = (planner: Actor) => void planner.ends('failed')
    expect(stopped(25, failing)).toMatchObject([{ severity: 'error' }])
    expect(stopped(25, (planner) => void planner.isClosed(), 'exhausted')).toHaveLength(1)
    expect(stopped(12, failing)).toEqual([])
  })

  it('is not who was cancelled, was broken by a failing call, or has its answer after many calls', () => {
    expect(stopped(25, (planner) => void planner.isClosed(), 'cancelled')).toEqual([])
    expect(
      stopped(25, (planner) => void planner.chat({ error: 'model.unavailable' }).ends('failed')),
    ).toEqual([])
    expect(stopped(25, (planner) => void planner.ends('done'))).toEqual([])
  })

  it('is a task that is handed on until no hops are left', () => {
    const play = script('a')
    let at = play.opens(play.goal)
    for (let hop = 1; hop <= 5; hop++)
      at = play.opens(at.send('task.request', { to: [`role-${hop}`, `t${hop}`] }))
    expect(unawareOfTermination.detect(play.story())).toEqual([])
    at.says({ [SKEIN.limit]: 'hops' })
    expect(unawareOfTermination.detect(play.story())).toMatchObject([{ severity: 'error' }])
  })
})
