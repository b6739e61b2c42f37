import { describe, expect, it } from 'vitest'
import { initialTransition, transition } from 'xstate'
import { coderMachine } from '../../actors/coder/machine.ts'
import { conversationId, runId } from '../../protocols/ids.ts'
import { gaveUp } from '../../src/role/agent-context.ts'

describe('the failure of an agent', () => {
  it.each([
    ['quota.exhausted', 'exhausted'],
    ['quota.closed', 'cancelled'],
    ['effect.died', 'died'],
    ['effect.timeout', 'error'],
    ['model.unauthorized', 'error'],
  ])('that gives up with %s is of kind "%s"', (code, kind) => {
    expect(gaveUp({ code, message: 'no' })).toEqual({ problem: `no (${code})`, problemKind: kind })
  })

  it.each([
    ['exhausted', 'exhausted'],
    ['cancelled', 'cancelled'],
    ['no-peer', 'no-peer'],
    ['timeout', 'timeout'],
    ['refused', 'error'],
    ['died', 'error'],
  ])('whose need failed as "%s" is of kind "%s"', (kind, said) => {
    const run = runId('r1')
    const input = { run, conversation: conversationId(run, 'fix'), name: 'fix', wiring: 'peers' as const }
    const [gathering] = initialTransition(coderMachine, input)
    const failed = { type: 'failure', body: { kind, reason: 'no', of: null } } as never
    const [blocked] = transition(coderMachine, gathering, failed)
    expect(blocked.value).toBe('waitingForTask')
    const [over, actions] = transition(coderMachine, blocked, { type: 'task.request', body: {} } as never)
    expect(over.status).toBe('done')
    expect(actions).toContainEqual(
      expect.objectContaining({
        params: expect.objectContaining({
          event: { type: 'failure', body: expect.objectContaining({ kind: said }) },
        }),
      }),
    )
  })
})
