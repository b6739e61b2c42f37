import { describe, expect, it } from 'vitest'
import { prematureEnd } from '../../../traces/diagnose/premature-end.ts'
import { type Actor, type Script, script } from './script.ts'

function scene(act: (planner: Actor, play: Script) => void) {
  const play = script()
  act(play.opens(play.goal), play)
  return prematureEnd.detect(play.story())
}
const ask = (actor: Actor, id: string, body = id) =>
  actor.send('question.ask', { to: ['helper', id], body, awaits: true })

describe('a premature end', () => {
  it('is an answer before any of those that it had asked for', () => {
    const found = scene((planner, play) => {
      const asked = ask(planner, 'q1')
      planner.chat().send('run.result', { answers: play.goal })
      play.opens(asked)
    })
    expect(found).toMatchObject([{ severity: 'warning' }])
    expect(found[0]!.seen).toContain('"question.ask" to helper')
  })

  it('is none with the answer, after its failure, or with the first of several', () => {
    const waited = scene((planner, play) => {
      const asked = ask(planner, 'q1')
      planner.takes(play.opens(asked).send('question.answer', { answers: asked }))
      planner.chat().send('run.result', { answers: play.goal })
    })
    expect(waited).toEqual([])
    const failed = scene((planner, play) => {
      ask(planner, 'q1')
      planner.isTold('timeout').chat().send('run.result', { answers: play.goal })
    })
    expect(failed).toEqual([])
    const hedged = scene((planner, play) => {
      const one = ask(planner, 'q1')
      ask(planner, 'q2')
      planner.takes(play.opens(one).send('question.answer', { answers: one }))
      planner.chat().send('run.result', { answers: play.goal })
    })
    expect(hedged).toEqual([])
  })

  const consulted = (answersGoal: boolean) =>
    scene((planner, play) => {
      const asked = ask(planner, 'q1')
      const helper = play.opens(asked)
      const back = helper.send('question.ask', { to: ['planner', 'goal'], awaits: true })
      planner.takes(back)
      helper.takes(planner.send('question.answer', { answers: back }))
      if (answersGoal) planner.send('run.result', { answers: play.goal })
      planner.takes(helper.send('question.answer', { answers: asked }))
      if (!answersGoal) planner.send('run.result', { answers: play.goal })
    })

  it('is not the answer to a question back, but is one to the goal after it', () => {
    expect(consulted(false)).toEqual([])
    expect(consulted(true)).toHaveLength(1)
  })

  it('is none for one request while another one waits', () => {
    const found = scene((planner, play) => {
      const other = play.opens(planner.send('question.ask', { to: ['helper', 'h'], awaits: true }))
      const one = planner.send('task.request', { to: ['desk', 'd'], body: 'one', awaits: true })
      const desk = play.opens(one)
      const two = other.send('task.request', { to: ['desk', 'd'], body: 'two', awaits: true })
      desk.takes(two)
      const asked = ask(desk, 'q')
      planner.takes(desk.send('task.result', { answers: one }))
      desk.takes(play.opens(asked).send('question.answer', { answers: asked }))
      other.takes(desk.send('task.result', { answers: two }))
    })
    expect(found).toEqual([])
  })

  const left = (outcome: string, body: string, answer: 'one' | 'both') =>
    scene((planner, play) => {
      const one = planner.send('task.request', { to: ['coder', 'a'], body: 'task' })
      const two = planner.send('task.request', { to: ['coder', 'b'], body })
      const [first, second] = [play.opens(one), play.opens(two)]
      planner.takes(first.send('task.result', { answers: one }))
      if (answer === 'both') planner.takes(second.send('task.result', { answers: two }))
      play.origin.takes(planner.send('run.result', { answers: play.goal }))
      play.over(outcome)
    })

  it('is a completed run in which a task was not answered', () => {
    const found = left('completed', 'other task', 'one')
    expect(found).toMatchObject([{ severity: 'warning' }])
    expect(found[0]!.seen).toContain('"task.request" to coder-1, in its conversation "b"')
  })

  it('is none where all were answered, where the same task was answered by another, or the run is not completed', () => {
    expect(left('completed', 'other task', 'both')).toEqual([])
    expect(left('completed', 'task', 'one')).toEqual([])
    expect(left('cancelled', 'other task', 'one')).toEqual([])
  })

  it('is none over notices, which nobody answers', () => {
    const found = scene((planner, play) => {
      play.opens(planner.send('news.item', { to: ['reader', 'r'] }))
      play.origin.takes(planner.send('run.result', { answers: play.goal }))
      play.over('completed')
    })
    expect(found).toEqual([])
  })

  it('is a run that fell silent, with who owes an answer', () => {
    const found = scene((planner, play) => {
      play.opens(planner.send('task.request', { to: ['coder', 'code'] }))
      play.over('unsatisfied')
    })
    expect(found).toMatchObject([{ severity: 'error' }])
    expect(found[0]!.seen).toContain('coder-1, in its conversation "code", in state "working"')
  })

  it('is none where somebody answered that it is not satisfied', () => {
    const found = scene((planner, play) => {
      play.origin.takes(planner.send('run.result', { answers: play.goal }))
      play.over('unsatisfied')
    })
    expect(found).toEqual([])
  })
})
