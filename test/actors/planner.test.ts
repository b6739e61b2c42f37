import { describe, expect, it } from 'vitest'
import { plannerMachine } from '../../actors/planner/machine.ts'
import { type Plan, planProblem, planSchema } from '../../actors/planner/plan.ts'
import { played, TREE } from './played.ts'

const work = {
  ...{ name: 'add-feature', role: 'coder' as const, title: 'add it', instructions: 'Add it.', subject: null },
  ...{ needs: [], checks: [{ kind: 'suite' as const }], files: ['index.js', 'test/test.js', 'types/'] },
}
const planOf = (...tasks: object[]): Plan => ({
  tasks: tasks.map((task) => ({ ...work, ...task })),
  criteria: ['the suite passes'],
})

describe('a plan', () => {
  it('may give a task files, folders, tests that are still to write, and the whole suite', () => {
    const checks = [{ kind: 'tests', names: ['a new one'] }, { kind: 'suite' }]
    expect(planSchema.safeParse(planOf({ checks })).success).toBe(true)
    expect(planProblem(planOf({ checks }))).toBeUndefined()
  })

  it.each([
    ['no file that a coder may change', { files: [] }, 'may change no file'],
    ['a path that leads out', { files: ['../index.js'] }, 'leads upwards'],
    ['a path of somebody else’s disk', { files: ['/etc/passwd'] }, 'absolute'],
    ['a pattern instead of a path', { files: ['test/**'] }, 'wildcard'],
    ['a command that nobody may run', { checks: [{ kind: 'command', argv: ['rm', '-r', '.'] }] }, 'npm test'],
  ])('is refused for %s, with what to do', (_, wrong, said) => {
    expect(planProblem(planOf(wrong))).toContain(said)
  })

  it('needs no files for research', () => {
    expect(
      planProblem(planOf({}, { name: 'look', role: 'researcher', files: [], checks: [] })),
    ).toBeUndefined()
  })
})

describe('the planner', () => {
  it('hands out which files each task may change, to its peer and to the reviewer', () => {
    const planner = played(plannerMachine).hear('run.goal', { goal: 'add it', base: TREE, rounds: 1 })
    const { emitted } = planner.answers('plan', planOf({}))
    expect(emitted.map(({ type }) => type)).toEqual(['task.request', 'review.request'])
    expect(emitted[0]!.body).toMatchObject({ files: work.files })
    expect(emitted[1]!.body).toMatchObject({ tasks: [{ task: 'add-feature', files: work.files }] })
  })

  it('gives up after three plans in a row that cannot be used', () => {
    const planner = played(plannerMachine).hear('run.goal', { goal: 'add it', base: TREE, rounds: 1 })
    for (let times = 0; times < 2; times++) {
      planner.answers('plan', planOf({ files: [] }))
      expect(planner.correction()).toContain('may change no file')
      expect(planner.state()).toBe('thinking')
    }
    planner.answers('plan', planOf({ files: [] }))
    expect(planner.emitted).toMatchObject([{ type: 'failure', body: { kind: 'error' } }])
  })
})
