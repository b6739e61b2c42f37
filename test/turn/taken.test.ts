import { describe, expect, it } from 'vitest'
import { hammering, nothingHeard, orders, outcome, parcels, play, turn, worker } from './stage.ts'

/** Works on an order by a tool, then waits for a second. */
const smith = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'working' } },
      working: {
        invoke: {
          ...hammering,
          onDone: 'cooling',
          onError: 'idle',
        },
      },
      cooling: { after: { 1000: 'idle' } },
    },
  }),
)

describe('a record says what its turn took', () => {
  const working = play(smith, orders('sword'))

  it('that it was a message, whose text its sender has', () => {
    expect(working.took.input).toEqual({ kind: 'message' })
  })

  it('what an effect gave, or why it failed', () => {
    const done = turn(smith, working, outcome(working, { output: { what: 'sword' } }))
    expect(done.took).toMatchObject({
      id: '1.0',
      input: { kind: 'outcome', result: { ok: true, output: { what: 'sword' } } },
    })
    const failed = turn(smith, working, outcome(working, { error: 'the hammer broke' }))
    const error = { code: 'test.broke', message: 'the hammer broke' }
    expect(failed.took.input).toEqual({ kind: 'outcome', result: { ok: false, error } })
  })

  it('which timer was due', () => {
    const cooling = turn(smith, working, outcome(working, { output: {} }))
    const timer = cooling.timers[0]!.name
    const cold = turn(smith, cooling, { kind: 'timer', timer })
    expect(cold.took.input).toEqual({ kind: 'timer', timer })
  })
})
