import { describe, expect, it } from 'vitest'
import { attendanceObjects, undecidedIn } from '../../cli/show/attendance.ts'
import { type RunId, roleName, runId } from '../../protocols/ids.ts'
import type { Wait } from '../../src/people/wait.ts'

const [asking, quiet, over] = [runId('r1'), runId('r2'), runId('r3')]
const waitOf = (run: RunId) => ({ run, tool: 'blast', decision: null }) as Wait

describe('what programs are told of who is there', () => {
  it('is also which live runs wait for a person, and for how much', () => {
    const undecided = undecidedIn([asking, quiet], [waitOf(asking), waitOf(over), waitOf(asking)])
    const missing = [{ role: roleName('coder'), messages: 1, conversations: 0 }]
    expect(attendanceObjects({ beats: [], silent: ['clerk-1'], missing, undecided })).toEqual([
      { peer: 'clerk-1', state: 'silent' },
      { role: 'coder', messages: 1, conversations: 0, state: 'missing' },
      { run: 'r1', waiting: 2, state: 'undecided' },
    ])
  })
})
