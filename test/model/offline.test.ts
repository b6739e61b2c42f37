import { describe, expect, it } from 'vitest'
import { type ChatRequest, collectReply } from '../../src/model/model.ts'
import { type OfflinePolicy, offlineModel } from '../../src/model/offline.ts'
import { modelContract } from '../contracts/model.ts'

const request = (role: string): ChatRequest => ({
  role,
  instructions: '',
  transcript: [{ kind: 'message', type: 'work.request', from: 'starter-1', body: {} }],
  tools: [{ name: 'look', description: 'looks', input: {} }],
  answers: [{ type: 'work.result', description: 'a result', body: {} }],
})

const policies: Readonly<Record<string, OfflinePolicy>> = {
  answerer: () => ({ kind: 'answer', type: 'work.result', body: { done: true } }),
  caller: () => ({ kind: 'call', tool: 'look', input: { at: 'it' } }),
  quitter: () => ({ kind: 'give-up', reason: 'this is beyond it' }),
}

modelContract('the offline model', async () => ({
  model: offlineModel(policies),
  answering: request('answerer'),
  calling: request('caller'),
  failing: request('quitter'),
  troubled: { skip: 'a policy is a function: nothing is asked that could misbehave' },
  close: async () => {},
}))

describe('the offline model', () => {
  const say = (role: string) =>
    collectReply(offlineModel(policies).stream(request(role), { signal: new AbortController().signal }))

  it('tells no tokens, since it used none', async () => {
    expect((await say('answerer')).usage).toBeUndefined()
  })

  it('fails for good with the reason of a policy that gives up, and for a role without one', async () => {
    await expect(say('quitter')).rejects.toMatchObject({
      code: 'model.gave-up',
      message: 'this is beyond it',
    })
    await expect(say('poet')).rejects.toMatchObject({ code: 'model.no-policy', retryable: false })
  })
})
