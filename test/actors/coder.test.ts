import { describe, expect, it } from 'vitest'
import { coderMachine } from '../../actors/coder/machine.ts'
import { played } from './played.ts'

const files = ['index.js', 'test/']
const request = { title: 'add it', instructions: 'Add it.', subject: null, needs: [], checks: [], files }
const work = { summary: 'added', changed: true, sources: [], failing: [], openPoints: [] }
const OTHER = 'b'.repeat(64)

const atWork = () => played(coderMachine).hear('task.request', request).gives('begin', { head: '' })

describe('the coder', () => {
  it('merges within the files that its task names', () => {
    expect(atWork().answers('work', work).waitsFor()).toMatchObject({ tool: 'merge_work', input: { files } })
  })

  it('is told what it must not change, and goes on from the rest of its work', () => {
    const coder = atWork().answers('work', work)
    coder.gives('merge', { kind: 'outside', paths: ['package.json'] }, OTHER)
    expect(coder.state()).toBe('thinking')
    expect(coder.context().tree).toBe(OTHER)
    expect(coder.correction()).toContain('may not change package.json')
  })

  it('gives up where its work never becomes one that can be merged, and says why', () => {
    const coder = atWork()
    for (let times = 0; coder.emitted.length === 0 && times < 10; times++) {
      coder.answers('work', work)
      coder.gives('merge', { kind: 'outside', paths: ['package.json'] })
    }
    const reason = expect.stringContaining('package.json')
    expect(coder.emitted).toMatchObject([{ type: 'failure', body: { kind: 'error', reason } }])
  })

  const denied = { code: 'tool.denied', message: 'jo@desk denied this call of "merge_work": not in src/gen' }

  it('is told why a person did not let its work be merged, and goes on from where it is', () => {
    const coder = atWork().answers('work', work).fails('merge', denied)
    expect(coder.state()).toBe('thinking')
    expect(coder.correction()).toContain('jo@desk denied this call of "merge_work": not in src/gen')
    expect(coder.answers('work', work).waitsFor()).toMatchObject({ tool: 'merge_work' })
  })

  it('gives up where people never let it be merged, and where nobody is there to', () => {
    const coder = atWork()
    for (let times = 0; coder.emitted.length === 0 && times < 10; times++)
      coder.answers('work', work).fails('merge', denied)
    expect(coder.emitted).toMatchObject([
      { type: 'failure', body: { reason: expect.stringContaining('not in src/gen') } },
    ])
    const alone = atWork().answers('work', work)
    alone.fails('merge', { code: 'tool.unanswered', message: 'nobody decided' })
    expect(alone.emitted).toMatchObject([{ type: 'failure' }])
  })
})
