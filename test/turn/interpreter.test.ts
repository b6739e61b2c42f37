import { describe, expect, it } from 'vitest'
import { raise, setup } from 'xstate'
import { effects } from '../../src/role/setup.ts'
import { createInterpreter, MachineError } from '../../src/turn/interpreter.ts'

const machine = setup({ types: {} as { context: { n: number } }, actors: effects }).createMachine({
  id: 'm',
  context: { n: 0 },
  initial: 'a',
  states: {
    a: {
      on: {
        go: 'b',
        guarded: { guard: () => false, target: 'b' },
        bad: {
          guard: () => {
            throw new Error('ouch')
          },
          target: 'b',
        },
        twice: {
          actions: [
            raise({ type: 'x' }, { delay: 1, id: 'same' }),
            raise({ type: 'x' }, { delay: 2, id: 'same' }),
          ],
        },
      },
    },
    b: {
      invoke: { id: 'tool', src: 'tool', input: { tool: 't', input: 1, tree: null } },
      after: { 50: 'a' },
      on: { back: 'a' },
    },
  },
})
const interpreter = createInterpreter(machine)
const first = interpreter.start({})

describe('a step', () => {
  it('says what the machine asks for and runs nothing', () => {
    const step = interpreter.next(first.snapshot, { type: 'go' })
    expect(step).toMatchObject({
      invokes: [{ id: 'tool', src: 'tool', input: { tool: 't', input: 1, tree: null } }],
      raises: [{ id: 'xstate.after.50.m.b', delayMs: 50 }],
      cancels: [],
      emitted: [],
    })
    expect([...interpreter.invoking(step.snapshot)]).toEqual(['tool'])
  })

  it('goes on from a snapshot that was JSON meanwhile', () => {
    const there = interpreter.next(first.snapshot, { type: 'go' })
    const stored = JSON.parse(JSON.stringify(interpreter.store(there.snapshot)))
    const step = interpreter.next(interpreter.restore(stored), { type: 'back' })
    expect(step.snapshot.value).toBe('a')
    expect(step.cancels).toEqual(['xstate.after.50.m.b'])
  })

  it('keeps one delayed event of an id, the last', () => {
    expect(interpreter.next(first.snapshot, { type: 'twice' }).raises).toMatchObject([
      { id: 'same', delayMs: 2 },
    ])
  })

  it('leaves no trace in the next one, though it threw', () => {
    expect(() => interpreter.next(first.snapshot, { type: 'bad' })).toThrow(MachineError)
    expect(interpreter.next(first.snapshot, { type: 'guarded' })).toMatchObject({ invokes: [], raises: [] })
  })
})

describe('an event', () => {
  it.each([
    ['go', true],
    ['back', false],
    ['guarded', false],
    ['unheard-of', false],
    // Taking it tells why.
    ['bad', true],
  ])('"%s" is taken: %j', (type, taken) => {
    expect(interpreter.takes(first.snapshot, { type })).toBe(taken)
  })

  it('is known if any state names it', () => {
    expect(interpreter.knows('back')).toBe(true)
    expect(interpreter.knows('unheard-of')).toBe(false)
  })
})

describe('a snapshot of another version', () => {
  it.each(['gone', { a: 'gone' }])('in state %j is refused', (value) => {
    const stored = { ...interpreter.store(first.snapshot), value }
    expect(() => interpreter.restore(stored)).toThrow(/written by another version/)
  })
})
