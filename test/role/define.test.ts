import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { z } from 'zod'
import { RoleError } from '../../src/role/check-machine.ts'
import { defineRole, type RoleOptions } from '../../src/role/define.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { ask, done, nothingHeard, order, parcels, told } from '../turn/stage.ts'

type Options = RoleOptions<never, never, never, never>

const worker = {
  name: 'worker',
  description: 'works',
  instructions: 'Work.',
  accepts: [order],
  answers: [done],
}
const define = (more: object) => () => defineRole({ ...worker, ...more } as unknown as Options)
const named = (name: string) =>
  defineTool({
    name,
    description: '',
    input: z.object({}),
    output: z.object({}),
    run: async () => ({ output: {} }),
  })

describe('a role', () => {
  it('is data, with a ready machine unless one is given', () => {
    const role = defineRole(worker)
    expect(role).toMatchObject({
      name: 'worker',
      version: 1,
      concurrency: 1,
      tools: [],
      asks: {},
      policy: undefined,
    })
    expect(role.machine.events).toContain('parcel.order')
    expect(role.modelAnswers).toEqual([done])
  })

  it('takes the answers to its questions, and sends the questions', () => {
    const role = defineRole({ ...worker, asks: { helper: { message: ask, answers: [told] } } })
    expect(role.accepts).toEqual([order, told])
    expect(role.sends).toEqual([done, ask])
  })

  it.each([
    [
      'a name that no subject can hold',
      { name: 'The Worker' },
      'role.name',
      /"The Worker" cannot name a role/,
    ],
    [
      'two tools of one name',
      { tools: [named('weigh'), named('weigh')] },
      'role.tools',
      /two tools named "weigh": rename one/,
    ],
    [
      'a tool for its model and one for its machine of one name',
      { tools: [named('weigh')], machineTools: [named('weigh')] },
      'role.tools',
      /"weigh"/,
    ],
    [
      'a tool named as a question',
      { tools: [named('ask_helper')], asks: { helper: { message: ask, answers: [told] } } },
      'role.tools',
      /"ask_helper"/,
    ],
    [
      'a machine that does not take what it accepts',
      {
        machine: parcels.createMachine({ context: nothingHeard, on: { 'parcel.ask': { actions: 'hear' } } }),
      },
      'role.accepts',
      /accepts "parcel\.order", but its machine has no transition for it/,
    ],
    [
      'a machine that does not take the answer to its question',
      {
        machine: parcels.createMachine({
          context: nothingHeard,
          on: { 'parcel.order': { actions: 'hear' } },
        }),
        asks: { helper: { message: ask, answers: [told] } },
      },
      'role.accepts',
      /accepts "parcel\.told"/,
    ],
    [
      'a machine that acts by itself',
      { machine: createMachine({ id: 'm', entry: () => {} }) },
      'role.machine',
      /pure/,
    ],
  ])('is refused with %s', (_, more, code, text) => {
    expect(define(more)).toThrow(text)
    expect(define(more)).toThrow(expect.objectContaining({ code }))
    expect(define(more)).toThrow(RoleError)
  })

  it.each(['*', 'parcel.*'])('may take what it accepts by the wildcard "%s"', (event) => {
    const machine = parcels.createMachine({
      context: nothingHeard,
      on: { [event]: { actions: 'hear' } } as never,
    })
    expect(define({ machine })).not.toThrow()
  })
})
