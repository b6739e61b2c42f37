import { describe, expect, it } from 'vitest'
import { quotaStarvation } from '../../../traces/diagnose/quota-starvation.ts'
import { SKEIN } from '../../../traces/names.ts'
import { script } from './script.ts'

describe('starvation of quota', () => {
  const spend = (error: string, outcome: string) => {
    const play = script()
    const planner = play.opens(play.goal).chat({ tokens: 100 })
    const [a, b] = ['a', 'b'].map((id) => play.opens(planner.send('task.request', { to: ['coder', id] })))
    a!.chat({ tokens: 900 })
    b!.chat({ error }).chat({ error })
    play.over(outcome)
    return quotaStarvation.detect(play.story())
  }

  it('is calls that had no quota left, with who had spent it', () => {
    const found = spend('quota.exhausted', 'exhausted')
    expect(found).toMatchObject([{ severity: 'error', nodes: { length: 3 } }])
    expect(found[0]!.seen).toBe(
      '2 calls to a model, by coder "b", had no quota left; of the tokens, coder "a" 90 % and planner "goal" 10 %.',
    )
    expect(spend('quota.exhausted', 'completed')).toMatchObject([{ severity: 'warning' }])
  })

  it('is none where calls failed otherwise, or came when the run was over', () => {
    expect(spend('model.rate-limited', 'failed')).toEqual([])
    expect(spend('quota.closed', 'cancelled')).toEqual([])
  })

  it('is messages that could not be sent, and not hops that ran out', () => {
    const limited = (limit: string) => {
      const play = script()
      play.opens(play.goal).says({ [SKEIN.limit]: limit })
      return quotaStarvation.detect(play.story())
    }
    expect(limited('messages')).toHaveLength(1)
    expect(limited('hops')).toEqual([])
  })
})
