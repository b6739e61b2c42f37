import { describe, expect, it } from 'vitest'
import type { TestEvent } from '../../src/tools/test-reporter.ts'
import { verdictsOf } from '../../src/tools/test-verdicts.ts'

const DIRECTORY = '/workspace'
const FILE = `${DIRECTORY}/test/a.test.js`

const event = (type: string, name: string, rest: Partial<TestEvent> = {}): TestEvent => ({
  type: `test:${type}`,
  name,
  nesting: 0,
  file: FILE,
  at: '1:1',
  suite: false,
  skipped: false,
  ...rest,
})

/** What Node's runner tells of a file whose process a signal ended. */
const ENDED = { failureType: 'testCodeFailure', signal: 'SIGTERM', error: 'test failed' }
const killed = [event('complete', FILE, ENDED), event('fail', FILE, ENDED)]

describe('verdictsOf', () => {
  it('takes a file that a signal ended for still running, where the run was cut off', () => {
    const { failed, unfinished } = verdictsOf([event('dequeue', FILE), ...killed], DIRECTORY, true)
    expect(failed).toEqual([])
    expect(unfinished).toEqual([{ name: 'test/a.test.js', file: 'test/a.test.js' }])
  })

  it('names the test that was running in such a file', () => {
    const events = [event('dequeue', FILE), event('dequeue', 'hangs', { at: '3:1' }), ...killed]
    const { failed, unfinished } = verdictsOf(events, DIRECTORY, true)
    expect(failed).toEqual([])
    expect(unfinished).toEqual([{ name: 'hangs', file: 'test/a.test.js' }])
  })

  it('takes a file that ended itself by a signal for failed', () => {
    const { failed, unfinished } = verdictsOf([event('dequeue', FILE), ...killed], DIRECTORY)
    expect(failed).toEqual([{ name: 'test/a.test.js', file: 'test/a.test.js', error: 'test failed' }])
    expect(unfinished).toEqual([])
  })
})
