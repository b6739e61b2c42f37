import { describe, expect, it } from 'vitest'
import { repeatedSteps } from '../../../traces/diagnose/repeated-steps.ts'
import { type Actor, type Script, script } from './script.ts'

/** A run in which one conversation does something. */
function worker(act: (planner: Actor, play: Script) => void) {
  const play = script()
  act(play.opens(play.goal), play)
  return repeatedSteps.detect(play.story())
}

const LOOK = { in: 'a', out: 'x' }

describe('repeated steps', () => {
  it('are the same call three times with nothing new between, found once', () => {
    const found = worker((planner) => {
      for (let time = 0; time < 6; time++) planner.chat().tool('look', LOOK)
    })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ severity: 'warning', nodes: { length: 6 } })
    expect(found[0]!.seen).toContain('"goal" did the same 6 times')
  })

  it('are several calls in turn, found as one loop', () => {
    const found = worker((planner) => {
      for (let time = 0; time < 3; time++) planner.tool('look', LOOK).tool('list', LOOK)
    })
    expect(found).toHaveLength(1)
    expect(found[0]!.seen).toContain('look and list')
  })

  it('are not a call that failed and was made again three times, but are one that is made on and on', () => {
    const call = (count: number, error: string) => (planner: Actor) => {
      for (let time = 0; time < count; time++) planner.chat().tool('fetch', { in: 'a', error })
    }
    expect(worker(call(4, 'tool.busy'))).toEqual([])
    expect(worker(call(5, 'tool.busy'))).toMatchObject([{ nodes: { length: 5 } }])
    expect(worker(call(3, 'tool.input'))).toHaveLength(1)
  })

  it('are not a second look', () => {
    expect(worker((planner) => void planner.tool('look', LOOK).chat().tool('look', LOOK))).toEqual([])
  })

  it('are not tests that are run again on another tree, whatever they are called with', () => {
    const found = worker((planner) => {
      for (const tree of ['t1', 't2', 't3', 't4'])
        planner
          .tool('edit', { in: tree, before: 't0', tree })
          .tool('test', { in: 'all', before: tree, check: 'failed' })
    })
    expect(found).toEqual([])
  })

  it('are tests that are run again on the same tree, though they print something else each time', () => {
    const found = worker((planner) => {
      for (const out of ['1 ms', '2 ms', '3 ms'])
        planner.tool('test', { in: 'all', out, before: 't1', check: 'failed' })
    })
    expect(found).toHaveLength(1)
  })

  it('are not calls whose outcome changes', () => {
    const found = worker((planner) => {
      for (const out of ['1 %', '50 %', '100 %']) planner.tool('progress', { in: 'a', out })
    })
    expect(found).toEqual([])
  })

  it('are not a poll, between whose looks a timer runs', () => {
    const found = worker((planner) => {
      for (let time = 0; time < 9; time++) planner.tool('look', LOOK).wakes()
    })
    expect(found).toEqual([])
  })

  it('are not looks that each follow news from somebody else', () => {
    const found = worker((planner, play) => {
      const helper = play.opens(planner.send('task.request', { to: ['helper', 'help'] }))
      for (const body of ['one', 'two', 'three', 'four'])
        planner.takes(helper.send('news.item', { to: ['planner', 'goal'], body })).tool('look', LOOK)
    })
    expect(found).toEqual([])
  })

  it('are looks that each follow the same news', () => {
    const found = worker((planner, play) => {
      const helper = play.opens(planner.send('task.request', { to: ['helper', 'help'] }))
      for (let time = 0; time < 4; time++)
        planner.takes(helper.send('news.item', { to: ['planner', 'goal'], body: 'one' })).tool('look', LOOK)
    })
    expect(found).toHaveLength(1)
  })

  it('are worth a note where other steps lie between, if there are many', () => {
    const act = (count: number) => (planner: Actor) => {
      for (let time = 0; time < count; time++) planner.tool('look', LOOK).tool('edit', { in: `edit ${time}` })
    }
    expect(worker(act(5))).toMatchObject([{ severity: 'note' }])
    expect(worker(act(4))).toEqual([])
  })

  it('are the same reply of a model in a row', () => {
    const say = (count: number) => (planner: Actor) => {
      for (let time = 0; time < count; time++) planner.chat({ out: 'hm' })
    }
    expect(worker(say(3))).toMatchObject([{ nodes: { length: 3 } }])
    expect(worker(say(2))).toEqual([])
  })

  it('are not the same reply to other results', () => {
    const found = worker((planner) => {
      for (const tree of ['t1', 't2', 't3']) planner.chat({ out: 'test it' }).tool('test', { before: tree })
    })
    expect(found).toEqual([])
  })

  it('are the same question that gets the same answer', () => {
    const ask = (answers: readonly string[]) => (planner: Actor, play: Script) => {
      for (const [index, body] of answers.entries()) {
        const asked = planner.send('question.ask', {
          to: ['helper', `q${index}`],
          body: 'where?',
          awaits: true,
        })
        planner.takes(play.opens(asked).send('question.answer', { answers: asked, body }))
      }
    }
    expect(worker(ask(['here', 'here', 'here', 'here']))).toHaveLength(1)
    expect(worker(ask(['here', 'there', 'nowhere', 'gone']))).toEqual([])
  })

  it('are not a question that is asked again since its answer did not come', () => {
    const found = worker((planner) => {
      for (let time = 0; time < 4; time++) {
        planner.send('question.ask', { to: ['helper', `q${time}`], body: 'where?', awaits: true })
        planner.isTold('timeout')
      }
    })
    expect(found).toEqual([])
  })

  it('came to grief where the conversation failed over them', () => {
    const found = worker((planner) => {
      for (let time = 0; time < 4; time++) planner.tool('look', LOOK)
      planner.ends('failed')
    })
    expect(found).toMatchObject([{ severity: 'error' }])
  })
})
