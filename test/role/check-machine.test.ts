import { describe, expect, it } from 'vitest'
import {
  type AnyStateMachine,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  forwardTo,
  fromPromise,
  log,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate'
import { checkMachine, RoleError } from '../../src/role/check-machine.ts'
import { effects } from '../../src/role/setup.ts'

const EFFECTS = Object.keys(effects)
const child = createMachine({ id: 'child' })
const other = fromPromise(async () => {})

/** A machine that does this on an event. */
const on = (actions: unknown): AnyStateMachine =>
  setup({ actors: { ...effects, other, child } }).createMachine({
    id: 'm',
    initial: 'a',
    states: { a: { on: { go: { actions: actions as never } } } },
  })

/** A machine that invokes this in its one state. */
const invokes = (...invoke: object[]): AnyStateMachine =>
  setup({ actors: { ...effects, other, child } }).createMachine({
    id: 'm',
    initial: 'a',
    states: { a: { invoke: invoke as never } },
  })

const tool = { id: 'tool', src: 'tool', input: {} }

describe('a machine is refused that', () => {
  it.each<[string, AnyStateMachine, RegExp]>([
    [
      'invokes a machine',
      invokes({ id: 'c', src: 'child' }),
      /m\.a: it invokes the machine "child": make it a role/,
    ],
    [
      'invokes a machine without a name',
      invokes({ id: 'c', src: child }),
      /without a name: name it in setup/,
    ],
    ['invokes logic without a name', invokes({ id: 'c', src: other }), /without a name/],
    [
      'invokes an unknown effect',
      invokes({ id: 'c', src: 'other' }),
      /"other", which is no effect.*use chat, tool/,
    ],
    ['invokes by a name that nothing has', invokes({ id: 'c', src: 'ghost' }), /"ghost", which is no effect/],
    [
      'registers what it invokes',
      invokes({ ...tool, systemId: 'it' }),
      /"tool" has a systemId: peers are addressed/,
    ],
    ['repeats an invoke id', invokes(tool, { ...tool, src: 'chat' }), /repeats the invoke id "tool" of m\.a/],
    ['spawns', on(spawnChild('other')), /it uses spawnChild, which acts by itself; invoke an effect/],
    ['stops a child', on(stopChild('other')), /it uses stopChild.*leave the state/],
    ['sends to an actor', on(sendTo('other', { type: 'x' })), /it uses sendTo.*emit a message/],
    ['sends to a parent', on(sendParent({ type: 'x' })), /it uses sendTo.*emit/],
    ['forwards', on(forwardTo('other')), /it uses sendTo.*emit/],
    [
      'runs a function',
      on(() => {}),
      /is a function that would be run for its effect, and a machine is pure/,
    ],
    [
      'names an action that it does not have',
      on('ghost'),
      /it names the action "ghost", which its setup does not/,
    ],
    [
      'runs a named function',
      setup({ actions: { shout: () => {} } }).createMachine({ id: 'm', entry: 'shout' }),
      /m: its action "shout" would be run for its effect/,
    ],
    [
      'names a forbidden action',
      setup({ actions: { tell: sendParent({ type: 'x' }) } }).createMachine({ id: 'm', entry: 'tell' }),
      /it uses sendTo/,
    ],
    [
      'spawns in its context',
      setup({ actors: { other } }).createMachine({
        id: 'm',
        context: ({ spawn }) => ({ ref: spawn('other') }),
      }),
      /context: it spawns an actor/,
    ],
    ['acts on entry', createMachine({ id: 'm', initial: 'a', states: { a: { entry: () => {} } } }), /m\.a/],
    ['acts on exit', createMachine({ id: 'm', exit: () => {} }), /is a function/],
    [
      'acts as it begins',
      createMachine({ id: 'm', initial: { target: 'a', actions: () => {} }, states: { a: {} } }),
      /m:/,
    ],
    [
      'acts by itself',
      createMachine({ id: 'm', always: { guard: () => true, actions: () => {} } }),
      /is a function/,
    ],
    ['acts after a while', createMachine({ id: 'm', after: { 10: { actions: () => {} } } }), /is a function/],
    [
      'acts when an effect is done',
      invokes({ ...tool, onDone: { actions: () => {} } }),
      /m\.a.*is a function/,
    ],
    [
      'acts when an effect fails',
      invokes({ ...tool, onError: { actions: () => {} } }),
      /m\.a.*is a function/,
    ],
    [
      'does it deep inside',
      createMachine({
        id: 'm',
        type: 'parallel',
        states: { a: {}, b: { initial: 'c', states: { c: { on: { x: { actions: () => {} } } } } } },
      }),
      /m\.b\.c/,
    ],
  ])('%s', (_, machine, text) => {
    const check = () => checkMachine(machine, EFFECTS)
    expect(check).toThrow(text)
    expect(check).toThrow(expect.objectContaining({ code: 'role.machine' }))
    expect(check).toThrow(RoleError)
  })
})

describe('a machine may', () => {
  it.each<[string, AnyStateMachine]>([
    [
      'assign, raise, emit, cancel, log and decide among them',
      on([
        assign({}),
        raise({ type: 'x' }),
        raise({ type: 'x' }, { delay: 5, id: 'later' }),
        cancel('later'),
        emit({ type: 'x' }),
        log('x'),
        enqueueActions(() => {}),
      ]),
    ],
    ['invoke effects, each by its own id', invokes(tool, { id: 'chat', src: 'chat', input: {} })],
    ['wait', createMachine({ id: 'm', after: { 10: { actions: assign({}) } } })],
    [
      'compute its context from what it is given',
      setup({ types: { input: {} as { a: { b: number } } } }).createMachine({
        context: ({ input }) => ({ of: input.a.b }),
      }),
    ],
    [
      'have history, parallel and final states, and an output',
      createMachine({
        id: 'm',
        type: 'parallel',
        states: {
          a: { initial: 'b', states: { b: { on: { x: 'h' } }, h: { type: 'history' } } },
          c: { initial: 'd', states: { d: { type: 'final' } } },
        },
        output: 1,
      }),
    ],
  ])('%s', (_, machine) => {
    expect(() => checkMachine(machine, EFFECTS)).not.toThrow()
  })
})
