import { describe, expect, it } from 'vitest'
import { unclaimedTask } from '../../../traces/diagnose/unclaimed-task.ts'
import { type Actor, type Script, script } from './script.ts'

function scene(act: (planner: Actor, play: Script) => void) {
  const play = script()
  act(play.opens(play.goal), play)
  return unclaimedTask.detect(play.story())
}
const task = (planner: Actor, id = 'code') =>
  planner.send('task.request', { to: ['coder', id], awaits: true })

describe('an unclaimed task', () => {
  it('is one whose sender was told that nobody is there, found once for all of a role', () => {
    const found = scene((planner, play) => {
      task(planner, 'a')
      task(planner, 'b')
      planner.isTold('no-peer').isTold('no-peer')
      play.over('exhausted')
    })
    expect(found).toMatchObject([{ severity: 'error', nodes: { length: 4 } }])
    expect(found[0]!.seen).toContain('2 messages to role "coder"')
    expect(found[0]!.advice).toContain('skein peer coder')
  })

  it('is one that lay until its run ended, though the end closed it then', () => {
    const found = scene((planner, play) => {
      const sent = task(planner)
      play.pause(12_000)
      play.over('exhausted')
      void sent
    })
    expect(found).toHaveLength(1)
  })

  it('is not one that was just on its way when the run ended, to a role that is there', () => {
    const found = scene((planner, play) => {
      const first = task(planner, 'a')
      planner.takes(play.opens(first).send('task.result', { answers: first }))
      task(planner, 'b')
      play.over('failed')
    })
    expect(found).toEqual([])
  })

  it('is not one in a run that is under way or was cancelled', () => {
    expect(scene((planner) => void task(planner))).toEqual([])
    const cancelled = scene((planner, play) => {
      task(planner)
      play.pause(60_000)
      play.over('cancelled')
    })
    expect(cancelled).toEqual([])
  })

  it('is worth no more than a note where its sender was told at once that there is no room', () => {
    const found = scene((planner, play) => {
      task(planner, 'a')
      task(planner, 'b')
      planner.isTold('refused')
      play.over('completed')
    })
    expect(found).toMatchObject([{ severity: 'note' }])
    expect(found[0]!.seen).toContain('2 messages to role "coder"')
  })

  it('is one that was taken after its sender had been told that no answer came, or after it was due', () => {
    const late = (isTold: boolean) =>
      scene((planner, play) => {
        const sent = task(planner)
        play.pause(isTold ? 1_000 : 90_000)
        if (isTold) planner.isTold('timeout')
        play.opens(sent)
        play.over('completed')
      })
    for (const found of [late(true), late(false)]) {
      expect(found).toMatchObject([{ severity: 'warning' }])
      expect(found[0]!.seen).toContain('before its time had run out')
    }
  })

  it('is not one that was taken and then timed out', () => {
    const found = scene((planner, play) => {
      const sent = task(planner)
      play.opens(sent)
      planner.isTold('timeout')
      play.over('unsatisfied')
    })
    expect(found).toEqual([])
  })
})
