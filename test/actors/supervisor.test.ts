import { beforeEach, describe, expect, it } from 'vitest'
import type { AnyMachineSnapshot } from 'xstate'
import { supervisorMachine } from '../../actors/supervisor/machine.ts'
import type { Orders } from '../../actors/supervisor/orders.ts'
import { superviseOffline } from '../../actors/supervisor/policy.ts'
import { conversationId, messageId, runId } from '../../protocols/ids.ts'
import type { SupervisionPlan } from '../../protocols/supervision.ts'
import type { AgentContext } from '../../src/role/agent-context.ts'
import { inputOf } from '../../src/turn/behaviour.ts'
import { createInterpreter, type MachineEvent, type Step } from '../../src/turn/interpreter.ts'

const RUN = runId('r1')
const HUB = conversationId(RUN, 'hub')
const TREE = 'a'.repeat(64)
const work = (name: string, role: string, needs: string[]) => ({
  ...{ name, role, needs, title: name, instructions: `do ${name}`, subject: null, checks: [] },
  reviewed: role === 'coder',
})
const plan = {
  ...{ goal: 'slugs', base: TREE, rounds: 2, criteria: ['it works'] },
  tasks: [work('find', 'researcher', []), work('write', 'coder', ['find']), work('use', 'coder', ['write'])],
  reviewer: { role: 'reviewer', conversation: 'review' },
} as unknown as SupervisionPlan

const result = (summary: string) => ({
  ...{ summary, findings: [], tree: null, sources: [], checks: [], openPoints: [] },
})
const idFrom = (name: string, number: number) => messageId(conversationId(RUN, name), HUB, number)
const idTo = (name: string, number: number) => messageId(HUB, conversationId(RUN, name), number)
const from = (role: string, name: string) => ({
  ...{ role, peer: `${role}-1`, conversation: conversationId(RUN, name) },
})

/** The machine with a model that answers at once, or when it is told to. */
function createHub() {
  const { start, next, takes, invoking } = createInterpreter(supervisorMachine)
  let now: AnyMachineSnapshot
  let sent: MachineEvent[]
  const numbers = new Map<string, number>()
  const take = (step: Step) => {
    now = step.snapshot
    sent.push(...step.emitted)
  }
  const brief = ({ type, to, body, answers }: MachineEvent) => [
    type,
    (to as { conversation: string } | undefined)?.conversation ?? answers ?? 'goal',
    (body as { task?: string }).task ?? '',
  ]
  const context = () => now.context as AgentContext
  const number = (name: string) => {
    numbers.set(name, (numbers.get(name) ?? 0) + 1)
    return numbers.get(name)!
  }

  sent = []
  take(start(inputOf(HUB, 'hub')))
  const hub = {
    isThinking: () => invoking(now).has('chat'),
    takes: (type: string, body: unknown) =>
      takes(now, { type, body, id: idFrom('x', 1), from: from('coder', 'write') }),
    state: () => now.value,
    status: () => now.status,
    transcript: () => context().transcript,
    /** What was sent since, in brief. */
    said() {
      const said = sent.map(brief)
      sent = []
      return said
    },
    sent: () => sent,
    hear(type: string, name: string, role: string, body: unknown) {
      take(next(now, { type, body, id: idFrom(name, number(name)), from: from(role, name) }))
      return hub
    },
    fails(name: string, of: string, kind = 'died', at = 1) {
      const body = { kind, reason: 'no more', of: null }
      take(next(now, { type: 'failure', body, from: from('coder', name), correlation: idTo(of, at) }))
      return hub
    },
    orders(orders?: Orders) {
      const step = superviseOffline({ transcript: context().transcript } as never)
      const answer = orders ? { type: 'orders', body: orders } : (step as unknown as { type: string })
      const output = { text: '', calls: [], answer, finish: 'stop', model: 'offline' }
      take(next(now, { type: 'xstate.done.actor.chat', actorId: 'chat', output }))
      return hub
    },
  }
  return hub
}
type Hub = ReturnType<typeof createHub>

let hub: Hub
beforeEach(() => {
  hub = createHub()
  hub.hear('supervision.plan', 'goal', 'planner', plan)
})

const untilReview = () => {
  hub.orders()
  hub.hear('task.result', 'find', 'researcher', result('found')).orders()
  hub.hear('task.result', 'write', 'coder', result('written')).orders()
  hub.hear('task.result', 'use', 'coder', result('used')).orders()
}

describe('the supervisor', () => {
  it('hands a task out when all it needs is there, with the results that it needs', () => {
    expect(hub.orders().said()).toEqual([['task.request', 'find', '']])
    hub.hear('task.result', 'find', 'researcher', result('found'))
    expect(hub.said()).toEqual([])
    const sent = hub.orders().sent()
    expect(sent[1]?.body).toEqual({ ...result('found'), task: 'find', by: 'researcher-1' })
    expect(hub.said()).toEqual([
      ['task.request', 'write', ''],
      ['task.result', 'write', 'find'],
    ])
  })

  it('asks for the review once every task has reported, with all results that are reviewed', () => {
    untilReview()
    const [request] = hub.sent().slice(-3)
    expect(request?.body).toMatchObject({
      goal: 'slugs',
      tasks: [
        { task: 'write', owner: { role: 'supervisor', conversation: 'hub' } },
        { task: 'use', owner: { role: 'supervisor', conversation: 'hub' } },
      ],
    })
    expect(hub.said().slice(-3)).toEqual([
      ['review.request', 'review', ''],
      ['task.result', 'review', 'write'],
      ['task.result', 'review', 'use'],
    ])
  })

  it('reads one message at a time, and keeps revisions on its board meanwhile', () => {
    expect(hub.isThinking()).toBe(true)
    expect(hub.takes('task.result', result('early'))).toBe(false)
    expect(hub.takes('failure', { kind: 'died', reason: '', of: null })).toBe(false)
    untilReview()
    hub.said()
    const revise = (task: string) => ({
      tree: TREE,
      round: 1,
      findings: [{ what: 'a', detail: 'b' }],
      failing: [],
      task,
    })
    hub.hear('review.revise', 'review', 'reviewer', revise('write'))
    expect(hub.isThinking()).toBe(true)
    hub.hear('review.revise', 'review', 'reviewer', revise('use'))
    expect(hub.said()).toEqual([])
    expect(hub.orders().said()).toEqual([['review.revise', 'write', '']])
    expect(hub.isThinking()).toBe(true)
    expect(hub.orders().said()).toEqual([['review.revise', 'use', '']])
    expect(hub.isThinking()).toBe(false)
  })

  it('tells the reviewer what came of work that was sent back, good or bad', () => {
    untilReview()
    const revise = (task: string) => ({
      tree: TREE,
      round: 1,
      findings: [{ what: 'a', detail: 'b' }],
      failing: [],
      task,
    })
    hub.hear('review.revise', 'review', 'reviewer', revise('write')).orders()
    hub.hear('review.revise', 'review', 'reviewer', revise('use')).orders()
    hub.said()
    hub.hear('task.result', 'use', 'coder', result('better'))
    expect(hub.orders().said()).toEqual([['task.result', idFrom('review', 2), 'use']])
    hub.fails('write', 'write', 'timeout', 2)
    expect(hub.orders().sent()[0]?.body).toMatchObject({ kind: 'timeout', task: 'write' })
    expect(hub.said()).toEqual([['failure', idFrom('review', 1), 'write']])
  })

  it('asks nobody for what needs a task that failed, and tells the reviewer why it is missing', () => {
    hub.orders()
    hub.hear('task.result', 'find', 'researcher', result('found')).orders().said()
    hub.fails('write', 'write', 'exhausted').orders()
    const reason = '"write", which this task needs, failed: no more'
    expect(hub.sent()[0]?.body).toMatchObject({
      tasks: [
        { task: 'write', failed: { kind: 'exhausted', reason: 'no more' } },
        { task: 'use', failed: { kind: 'exhausted', reason } },
      ],
    })
    expect(hub.said()).toEqual([['review.request', 'review', '']])
  })

  it('answers the goal once it has passed the approvals on', () => {
    untilReview()
    hub.said()
    const approve = (task: string) => ({ tree: TREE, summary: 'good', task })
    const end = { outcome: 'completed', reason: 'good', tree: TREE, patch: null, report: null }
    hub.hear('review.approve', 'review', 'reviewer', approve('use'))
    hub.hear('run.result', 'review', 'reviewer', end)
    expect([hub.state(), hub.said()]).toEqual(['closing', [['review.approve', 'use', '']]])
    hub.hear('review.approve', 'review', 'reviewer', approve('write'))
    expect(hub.said()).toEqual([
      ['review.approve', 'write', ''],
      ['run.result', 'goal', ''],
    ])
    expect(hub.status()).toBe('done')
  })

  it('answers the goal with a failure where the review fails', () => {
    untilReview()
    hub.said()
    hub.fails('review', 'review', 'no-peer')
    expect(hub.sent()[0]?.body).toMatchObject({ kind: 'no-peer', reason: 'no more' })
    expect(hub.said()).toEqual([['failure', 'goal', '']])
  })

  it('tells what its model has to say along with the task, and with findings', () => {
    hub.orders({ summary: '', handOut: [{ task: 'find', note: 'look at the old notes first' }] })
    expect(hub.sent()[0]?.body).toMatchObject({ instructions: 'do find\n\nlook at the old notes first' })
  })

  it.each([
    ['what lacks something that it needs', ['write'], '"write" cannot be handed out'],
    ['nothing where nobody is at work', [], 'nothing would ever come'],
    ['a task twice', ['find', 'find'], 'handed out twice'],
  ])('does not follow orders that hand out %s, and says what would do', (_, tasks, problem) => {
    hub.orders({ summary: '', handOut: tasks.map((task) => ({ task, note: '' })) })
    expect(hub.said()).toEqual([])
    expect(hub.transcript().at(-1)).toMatchObject({
      kind: 'correction',
      text: expect.stringContaining(problem),
    })
    expect(hub.orders().said()).toEqual([['task.request', 'find', '']])
  })
})
