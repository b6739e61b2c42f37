import { describe, expect, it } from 'vitest'
import { conversationId, messageId, peerId, roleName, runId } from '../../protocols/ids.ts'
import type { SupervisionPlan } from '../../protocols/supervision.ts'
import { handOut } from '../../src/topology/wiring.ts'

const run = runId('r1')
const of = (role: string, name: string) => ({ role: roleName(role), conversation: conversationId(run, name) })
const request = (title: string, needs: string[]) => ({
  ...{ title, instructions: `do ${title}`, subject: null, needs },
  checks: [],
})
const plan: SupervisionPlan = {
  ...{ goal: 'slugs', base: 'a'.repeat(64) as SupervisionPlan['base'], rounds: 2, criteria: ['it works'] },
  tasks: [
    { ...request('find', []), name: 'find', role: roleName('researcher'), reviewed: false },
    { ...request('write', ['find']), name: 'write', role: roleName('coder'), reviewed: true },
    { ...request('use', ['find', 'write']), name: 'use', role: roleName('coder'), reviewed: true },
  ],
  reviewer: { role: roleName('reviewer'), conversation: 'review' },
}
const goal = {
  ...of('origin', 'origin'),
  peer: peerId('origin-r1'),
  correlation: messageId(conversationId(run, 'origin'), conversationId(run, 'goal'), 1),
}

describe('a plan is handed out', () => {
  it('to those who do its tasks, with results going straight to whoever waits for them, among peers', () => {
    const messages = handOut('peers', run, plan, goal)
    expect(messages.map(({ type, to, slip }) => [type, to?.conversation, slip])).toEqual([
      ['task.request', 'find', [of('coder', 'write'), of('coder', 'use')]],
      ['task.request', 'write', [of('coder', 'use'), of('reviewer', 'review')]],
      ['task.request', 'use', [of('reviewer', 'review')]],
      ['review.request', 'review', [goal]],
    ])
    expect(messages[1]?.body).toEqual(request('write', ['find']))
    const reviewed = (task: string) => ({ task, role: 'coder', title: task, subject: null, checks: [] })
    expect(messages[3]?.body).toEqual({
      ...{ goal: 'slugs', base: plan.base, rounds: 2, criteria: ['it works'] },
      tasks: [reviewed('write'), reviewed('use')],
    })
  })

  it('whole, to the supervisor, who owes the answer to the goal, where there is a hub', () => {
    expect(handOut('hub', run, plan, goal)).toEqual([
      {
        type: 'supervision.plan',
        body: plan,
        to: { role: 'supervisor', conversation: 'hub' },
        slip: [goal],
      },
    ])
  })
})
