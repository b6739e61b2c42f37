import { describe, expect, it } from 'vitest'
import { pingPong } from '../../../traces/diagnose/ping-pong.ts'
import { SKEIN } from '../../../traces/names.ts'
import { type Actor, type Script, type Sent, script } from './script.ts'

type Ball = { readonly body: string; readonly work?: (actor: Actor, round: number) => void }

/** Two conversations send each other a message, in so many rounds. */
function match(rounds: number, ball: (round: number) => Ball, end = (_last: Actor, _play: Script) => {}) {
  const play = script('left')
  const left = play.opens(play.goal)
  let sent = left.send('ball.there', { to: ['right', 'r'], ...ball(0) })
  const right = play.opens(sent)
  for (let round = 0; round < rounds; round++) {
    if (round > 0) right.takes(sent)
    ball(round).work?.(right, round)
    sent = right.send('ball.back', { to: ['left', 'goal'], body: ball(round).body })
    left.takes(sent)
    sent = left.send('ball.there', { to: ['right', 'r'], body: ball(round + 1).body })
  }
  right.takes(sent)
  end(right, play)
  return pingPong.detect(play.story())
}

const same = () => ({ body: 'yours' })
const other = (round: number) => ({ body: `yours ${round}` })

describe('ping-pong', () => {
  it('is the same back and forth three times, found once', () => {
    const found = match(4, same)
    expect(found).toMatchObject([{ severity: 'warning', nodes: { length: 9 } }])
    expect(found[0]!.seen).toContain('between left and right')
  })

  it('is not a misunderstanding that is cleared up', () => {
    expect(match(1, same)).toEqual([])
  })

  it('is not going back and forth while the workspace changes', () => {
    const working = (round: number): Ball => ({
      body: 'again',
      work: (actor) => void actor.tool('edit', { before: `t${round}`, tree: `t${round + 1}` }),
    })
    expect(match(6, working)).toEqual([])
  })

  it('is going back and forth while the workspace changes to and fro', () => {
    const toggling = (round: number): Ball => ({
      body: 'again',
      work: (actor) => void actor.tool('edit', { before: `t${round % 2}`, tree: `t${(round + 1) % 2}` }),
    })
    expect(match(6, toggling)).toHaveLength(1)
  })

  it('is not a talk in which each says something new', () => {
    expect(match(5, other)).toEqual([])
  })

  it('is such a talk all the same where a limit had to end it', () => {
    const found = match(6, other, (last) => void last.says({ [SKEIN.limit]: 'hops' }))
    expect(found).toMatchObject([{ severity: 'error' }])
    expect(found[0]!.seen).toContain('no hops were left')
  })

  it('is such a talk where the run came to nothing, and not where it came to something', () => {
    const ended = (outcome: string) => (_: Actor, play: Script) => play.over(outcome)
    expect(match(6, other, ended('unsatisfied'))).toHaveLength(1)
    const answered = (_: Actor, play: Script) => {
      play.origin.takes(play.opens({ ...play.goal, to: 'other' }).send('run.result', { answers: play.goal }))
      play.over('completed')
    }
    expect(match(6, other, answered)).toEqual([])
  })

  it('is not what a timer repeats', () => {
    const play = script('left')
    const left = play.opens(play.goal)
    let right: Actor | undefined
    for (let round = 0; round < 6; round++) {
      const ping = left.send('beat.ping', { to: ['right', 'r'], body: '' })
      right = right === undefined ? play.opens(ping) : right.takes(ping)
      left.takes(right.send('beat.pong', { to: ['left', 'goal'], body: '' })).wakes()
    }
    expect(pingPong.detect(play.story())).toEqual([])
  })

  it('is not a worker that fetches one piece of work after another', () => {
    const play = script('store')
    const store = play.opens(play.goal)
    let item = store.send('work.item', { to: ['worker', 'w'], body: 'item 0' })
    const worker = play.opens(item)
    for (let index = 1; index < 6; index++) {
      const next = worker.send('work.next', { to: ['store', 'goal'], body: '' })
      item = store.takes(next).send('work.item', { to: ['worker', 'w'], body: `item ${index}` })
      worker.takes(item)
    }
    expect(pingPong.detect(play.story())).toEqual([])
  })

  it('is a task that is handed round, to new conversations each time', () => {
    const play = script('a')
    const roles = ['a', 'b', 'c'] as const
    let at = play.opens(play.goal)
    for (let hop = 1; hop <= 9; hop++)
      at = play.opens(at.send('task.request', { to: [roles[hop % 3]!, `t${hop}`], body: 'do it' }))
    const found = pingPong.detect(play.story())
    expect(found).toHaveLength(1)
    expect(found[0]!.seen).toContain('went round in a circle between a, b and c')
  })

  it('is not a question asked again and again of whoever is free: that is a step repeated by one', () => {
    const play = script()
    const planner = play.opens(play.goal)
    for (let time = 0; time < 5; time++) {
      const asked = planner.send('question.ask', { to: ['helper', `q${time}`], body: 'where?', awaits: true })
      planner.takes(play.opens(asked).send('question.answer', { answers: asked, body: 'here' }))
    }
    expect(pingPong.detect(play.story())).toEqual([])
  })

  describe('in a review', () => {
    /** Work is sent back, in other words each time. */
    function review(rounds: number, revise: (coder: Actor, round: number) => string) {
      const play = script('reviewer')
      const reviewer = play.opens(play.goal)
      const request = reviewer.send('task.request', { to: ['coder', 'code'], awaits: true })
      const coder = play.opens(request).tool('edit', { in: 'e', before: 't0', tree: 't1' })
      let given: Sent = coder.send('task.result', { answers: request, body: 'result 1' })
      for (let round = 1; round <= rounds; round++) {
        reviewer.takes(given)
        const again = reviewer.send('review.revise', {
          to: ['coder', 'code'],
          body: `round ${round}`,
          awaits: true,
        })
        coder.takes(again)
        given = coder.send('task.result', { answers: again, body: revise(coder, round) })
      }
      reviewer.takes(given)
      return pingPong.detect(play.story())
    }

    it('is the same answer to every demand, with nothing done for it', () => {
      const stubborn = (coder: Actor) => {
        coder.chat().tool('test', { in: 'all', before: 't1', check: 'failed' })
        return 'result 1'
      }
      expect(review(3, stubborn)).toHaveLength(1)
    })

    it('is not work that is mended round by round', () => {
      const mending = (coder: Actor, round: number) => {
        coder.tool('edit', { in: `e${round}`, before: `t${round}`, tree: `t${round + 1}` })
        return 'done'
      }
      expect(review(5, mending)).toEqual([])
    })

    it('is not trying something else each time, in vain', () => {
      const trying = (coder: Actor, round: number) => {
        coder.tool('try', { in: `candidate ${round}`, before: 't1', error: 'tool.syntax' })
        return 'nothing better'
      }
      expect(review(3, trying)).toEqual([])
    })
  })
})
