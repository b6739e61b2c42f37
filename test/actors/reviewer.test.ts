import { describe, expect, it } from 'vitest'
import { reviewerMachine } from '../../actors/reviewer/machine.ts'
import { played, TREE } from './played.ts'

const request = {
  ...{ goal: 'add it', base: TREE, criteria: ['it works'], rounds: 2 },
  tasks: [{ task: 'add', role: 'coder', title: 'add it', subject: null, checks: [], files: ['index.js'] }],
}
const result = { summary: 'added', findings: [], tree: TREE, sources: [], checks: [], openPoints: [] }
const finding = { what: 'it works', detail: 'index.js:3 does not' }
const refusal = (task: string) => ({
  ...{ approved: false, summary: 'it does not work', failing: [], openPoints: [] },
  revisions: [{ task, findings: [finding] }],
})

const judging = () =>
  played(reviewerMachine)
    .hear('review.request', request, 'goal')
    .hear('task.result', result, 'add')
    .gives('begin', { head: TREE })

describe('the reviewer', () => {
  it('sends work back by the name of its task', () => {
    const { emitted } = judging().answers('verdict', refusal('add'))
    expect(emitted).toMatchObject([{ type: 'review.revise', to: { conversation: 'add' } }])
  })

  it.each([
    ['names no task of the review', refusal('the slug code'), 'there are add'],
    ['approves what it finds failing', { ...refusal('add'), approved: true, failing: ['a'] }, 'not approved'],
  ])('is asked again where its verdict %s', (_, verdict, said) => {
    const reviewer = judging().answers('verdict', verdict)
    expect(reviewer.state()).toBe('thinking')
    expect(reviewer.correction()).toContain(said)
    expect(reviewer.answers('verdict', refusal('add')).emitted).toHaveLength(1)
  })

  it('takes the third such verdict as far as it goes', () => {
    const reviewer = judging()
    for (let times = 0; times < 3; times++) reviewer.answers('verdict', refusal('nobody'))
    expect(reviewer.waitsFor()).toMatchObject({ tool: 'assemble_result', input: { outcome: 'unsatisfied' } })
  })
})
