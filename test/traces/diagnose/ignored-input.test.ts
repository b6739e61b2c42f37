import { describe, expect, it } from 'vitest'
import { ignoredInput } from '../../../traces/diagnose/ignored-input.ts'
import { SKEIN } from '../../../traces/names.ts'
import { type Actor, type Script, script } from './script.ts'

/** A planner that asks a coder for something; what happens then. */
function scene(act: (planner: Actor, coder: Actor, play: Script) => void, awaits = true) {
  const play = script()
  const planner = play.opens(play.goal)
  act(
    planner,
    play.opens(planner.send('task.request', { to: ['coder', 'code'], body: 'task', awaits })),
    play,
  )
  return ignoredInput.detect(play.story())
}

describe('ignored input', () => {
  it('is what was kept for later and never heard', () => {
    const found = scene((planner, coder) => {
      coder.takes(planner.send('hint.given', { to: ['coder', 'code'] }), { as: 'deferred' })
      coder
        .chat()
        .says({ [SKEIN.unheard]: 1 })
        .ends('done')
    })
    expect(found).toMatchObject([{ severity: 'warning' }])
    expect(found[0]!.seen).toContain('"hint.given" from planner-1')
  })

  it('is no more than worth a note where who said it waits for nothing', () => {
    const found = scene((planner, coder) => {
      coder.takes(planner.send('hint.given', { to: ['coder', 'code'] }), { as: 'deferred' })
      coder
        .chat()
        .says({ [SKEIN.unheard]: 1 })
        .ends('done')
    }, false)
    expect(found).toMatchObject([{ severity: 'note' }])
  })

  it('is not what was kept for later and heard then', () => {
    const found = scene((planner, coder) => {
      coder
        .takes(planner.send('hint.given', { to: ['coder', 'code'] }), { as: 'deferred' })
        .says({ [SKEIN.deferred]: 1 })
      coder.chat().ends('done')
    })
    expect(found).toEqual([])
  })

  it('is what a parked conversation still keeps when the run is over, and not while it is under way', () => {
    const keep = (over: boolean) => (planner: Actor, coder: Actor, play: Script) => {
      const hint = planner.send('hint.given', { to: ['coder', 'code'] })
      coder.takes(hint, { as: 'deferred', attributes: { [SKEIN.deferred]: 1 } })
      if (over) play.over('unsatisfied')
    }
    expect(scene(keep(true))).toHaveLength(1)
    expect(scene(keep(false))).toEqual([])
  })

  it('is not what a conversation keeps that broke down', () => {
    const found = scene((planner, coder) => {
      coder.takes(planner.send('hint.given', { to: ['coder', 'code'] }), { as: 'deferred' })
      coder
        .chat()
        .says({ [SKEIN.unheard]: 1 })
        .ends('failed')
    })
    expect(found).toEqual([])
  })

  it('is what was refused; where the run had its result by then, it is worth a note', () => {
    const refuse = (after: boolean) => (planner: Actor, coder: Actor, play: Script) => {
      coder.ends('done')
      if (after) play.origin.takes(planner.send('run.result', { answers: play.goal }))
      coder.takes(planner.send('hint.given', { to: ['coder', 'code'] }), { as: 'refused' })
    }
    expect(scene(refuse(false))).toMatchObject([{ severity: 'warning' }])
    expect(scene(refuse(true))).toMatchObject([{ severity: 'note' }])
  })

  const thanked = (to: 'done' | 'failed', awaits: boolean, isAnswered: boolean) => {
    const play = script()
    const planner = play.opens(play.goal)
    const task = planner.send('task.request', { to: ['coder', 'code'], awaits: true })
    const coder = play.opens(task)
    if (isAnswered) planner.takes(coder.send('task.result', { answers: task }))
    coder.ends(to)
    coder.takes(planner.send('thanks', { to: ['coder', 'code'], awaits }), { as: 'refused' })
    return ignoredInput.detect(play.story())
  }

  it('is not thanks to who is done and has answered', () => {
    expect(thanked('done', false, true)).toEqual([])
  })

  it('is what is refused though its sender waits, or by who is not done', () => {
    expect(thanked('done', true, true)).toHaveLength(1)
    expect(thanked('done', false, false)).toHaveLength(1)
    expect(thanked('failed', false, true)).toHaveLength(1)
  })

  describe('of answers', () => {
    const asks = (coder: Actor, id: string) =>
      coder.send('question.ask', { to: ['helper', id], body: `question ${id}`, awaits: true })

    it('is one that was not waited for', () => {
      const found = scene((_, coder, play) => {
        const asked = asks(coder, 'q1')
        coder.chat().ends('done')
        coder.takes(play.opens(asked).send('question.answer', { answers: asked }), { as: 'late' })
      })
      expect(found).toMatchObject([{ severity: 'warning' }])
      expect(found[0]!.seen).toContain('had ended without waiting')
    })

    it('is no more than worth a note where its time had run out, or another one came first', () => {
      const late = scene((_, coder, play) => {
        const asked = asks(coder, 'q1')
        const answer = play.opens(asked).send('question.answer', { answers: asked })
        coder.isTold('timeout').takes(answer, { as: 'late' })
      })
      expect(late).toMatchObject([{ severity: 'note' }])
      const hedged = scene((_, coder, play) => {
        const [one, two] = [asks(coder, 'q1'), asks(coder, 'q2')]
        coder.takes(play.opens(one).send('question.answer', { answers: one })).ends('done')
        coder.takes(play.opens(two).send('question.answer', { answers: two }), { as: 'late' })
      })
      expect(hedged).toMatchObject([{ severity: 'note' }])
    })

    const prompted = (before: number, after: number) =>
      scene((_, coder, play) => {
        const asked = asks(coder.chat({ peerBytes: before }), 'q1')
        coder.takes(play.opens(asked).send('question.answer', { answers: asked })).chat({ peerBytes: after })
      })

    it('is one that did not come before the model', () => {
      expect(prompted(100, 100)).toMatchObject([{ severity: 'warning' }])
    })

    it('is not one that did, nor one of a role that puts no words of peers into its prompts', () => {
      expect(prompted(100, 180)).toEqual([])
      expect(prompted(0, 0)).toEqual([])
    })
  })

  const asked = (bodies: readonly [string, string], answers: readonly [string, string], work: boolean) =>
    scene((planner, _, play) => {
      const one = planner.send('task.request', { to: ['writer', 'w'], body: bodies[0], awaits: true })
      const writer = play.opens(one).chat()
      planner.takes(writer.send('task.result', { answers: one, body: answers[0] }))
      const two = planner.send('review.revise', { to: ['writer', 'w'], body: bodies[1], awaits: true })
      writer.takes(two)
      if (work) writer.chat()
      writer.send('task.result', { answers: two, body: answers[1] })
    })

  it('is a demand that gets the answer to another one, without any work', () => {
    expect(asked(['write', 'shorter'], ['text', 'text'], false)).toMatchObject([{ severity: 'warning' }])
  })

  it('is not one that was worked on in vain, was asked before, or gets another answer', () => {
    expect(asked(['write', 'shorter'], ['text', 'text'], true)).toEqual([])
    expect(asked(['write', 'write'], ['text', 'text'], false)).toEqual([])
    expect(asked(['write', 'shorter'], ['text', 'no'], false)).toEqual([])
  })
})
