/** The trace of a run in each of skein's protocols, as a tree to compare with. */
import { describe, expect, it } from 'vitest'
import { question } from '../../../protocols/question.ts'
import { review } from '../../../protocols/review.ts'
import { run } from '../../../protocols/run.ts'
import { task } from '../../../protocols/task.ts'
import type { Role } from '../../../src/role/define.ts'
import type { StartRunOptions } from '../../../src/run/start-run.ts'
import { spansOfRun } from '../../../src/run/trace.ts'
import { normaliseTree } from '../../../traces/read/golden.ts'
import { flock } from '../../run/flock.ts'
import { author, critic, hand, lead, oracle, TREE, worker } from './roles.ts'

type Start = StartRunOptions['start']

async function traceOf(start: Start, roles: readonly Role[], timeoutMs = 600_000): Promise<string> {
  const { host, start: begin, settled } = flock()
  if (roles.length > 0)
    await host(
      'one',
      roles.map((role) => ({ role })),
    )
  const { journal, record } = await settled(begin({ start, timeoutMs }))
  return normaliseTree(spansOfRun(journal, record))
}

const ask: Start = {
  role: 'oracle',
  message: question.messages.ask,
  body: { question: 'Where is it?', subject: null, known: [] },
  answers: [question.messages.answer],
}
const work: Start = {
  role: 'worker',
  message: task.messages.request,
  body: { title: 'count', instructions: '', subject: null, needs: [], checks: [] },
  answers: [task.messages.result],
}
const goal: Start = {
  role: 'lead',
  message: run.messages.goal,
  body: { goal: 'two things', base: TREE, rounds: 0 },
  answers: [run.messages.result],
}
const judge: Start = {
  role: 'critic',
  message: review.messages.request,
  body: { goal: 'good work', base: TREE, tasks: [], criteria: [], rounds: 1 },
  answers: [run.messages.result],
}

describe('the trace of', () => {
  it.each<readonly [what: string, start: Start, roles: readonly Role[]]>([
    ['question', ask, [oracle]],
    ['task', work, [worker, oracle]],
    ['run', goal, [lead, hand]],
    ['review', judge, [critic, author]],
    ['failure-no-peer', ask, []],
    ['failure-refused', { ...ask, role: 'hand' }, [hand]],
    ['failure-timeout', work, [worker]],
  ])('the protocol %s', async (what, start, roles) => {
    await expect(await traceOf(start, roles, 180_000)).toMatchFileSnapshot(`../golden/protocol-${what}.txt`)
  })
})
