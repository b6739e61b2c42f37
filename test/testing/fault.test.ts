import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRole } from '../../src/role/define.ts'
import {
  answer,
  call,
  delay,
  fault,
  type MeshFault,
  pause,
  scriptedModel,
  testMesh,
} from '../../src/testing/index.ts'
import { runCommandTool } from '../../src/tools/run-command.ts'
import { defineTool, type Tool } from '../../src/tools/tool.ts'
import { advice, ask, doubt, expert, librarian, tell } from './library.ts'

const question = { question: 'What is the fee?' }
const told = answer(tell, { text: 'Guests pay 8.', page: 'fees.md' })
const looking = call('look', { word: 'fees' })
const asking = call('ask_expert', { about: 'fees' })
const advised = answer(advice, { text: '8' })

/** A librarian who looks a word up, asks the expert, and answers; with these faults. */
async function library(faults: readonly MeshFault[], delayMs = 0) {
  const model = scriptedModel({ librarian: [looking, asking, told], expert: delay(delayMs, () => advised) })
  const mesh = await testMesh({ roles: [librarian, expert], model, faults, seed: 7 })
  return Object.assign(mesh, { model })
}

describe('a fault', () => {
  it.each<[string, MeshFault, { looks: number }]>([
    ['dies after a turn', fault.kill('librarian', { afterTurns: 1 }), { looks: 1 }],
    ['dies as it calls its model', fault.kill('librarian', { calling: 'model', time: 2 }), { looks: 1 }],
    ['dies as it calls a tool', fault.kill('librarian', { calling: 'look' }), { looks: 1 }],
    ['dies when a tool is done', fault.kill('librarian', { called: 'look' }), { looks: 2 }],
    ['dies as a message comes', fault.kill('librarian', { taking: 'expert.advice' }), { looks: 1 }],
    ['dies under its own name', fault.kill('librarian-1', { afterTurns: 2 }), { looks: 1 }],
    ['sleeps', fault.pause('librarian', { afterTurns: 2 }, 20_000), { looks: 2 }],
    ['is cut off', fault.cutOff('expert', { calling: 'model' }, 20_000), { looks: 1 }],
    ['has the origin die', fault.kill('origin', { afterTurns: 1 }), { looks: 1 }],
  ])('leaves a run to come to its answer where a peer %s', async (_, one, { looks }) => {
    await using mesh = await library([one], 1_000)
    expect(await mesh.ask('librarian', ask, question)).toMatchObject({ type: 'library.tell' })
    expect(mesh.strikes.map(({ fault }) => fault)).toEqual([one])
    expect(mesh.toolRuns).toHaveLength(looks)
    expect(mesh.model.left()).toEqual({})
  })

  it('is told of where nobody comes in place of who died', async () => {
    await using mesh = await library([fault.kill('expert', { taking: 'expert.doubt' }, { restartMs: false })])
    await expect(mesh.ask('librarian', ask, question, { timeoutMs: 30_000 })).resolves.toMatchObject({
      type: 'failure',
      body: { kind: 'timeout' },
    })
  })

  it('has a message come twice, and an agent take it once', async () => {
    await using mesh = await library([fault.duplicate('expert.advice'), fault.duplicate('library.ask')])
    expect(await mesh.ask('librarian', ask, question)).toMatchObject({ type: 'library.tell' })
    expect(mesh.strikes).toHaveLength(2)
    expect(mesh.messagesOf(tell)).toHaveLength(1)
  })

  it.each([
    ['late', fault.delay('expert.doubt', 12_000), 12_000],
    ['again, where it got lost', fault.lose('expert.doubt'), 30_000],
    ['later than it would be sent again', fault.delay('expert.doubt', 70_000), 70_000],
  ])('has a message come %s', async (_, one, ms) => {
    await using mesh = await library([one])
    expect(await mesh.ask('librarian', ask, question)).toMatchObject({ type: 'library.tell' })
    expect(mesh.onlyMessage(advice).atMs).toBe(ms)
    expect(mesh.onlyMessage(doubt).atMs).toBe(0)
  })

  it('has calls of a model fail, of which the script knows nothing', async () => {
    await using mesh = await library([fault.failModel('librarian', 'unavailable', { call: 2, times: 2 })])
    expect(await mesh.ask('librarian', ask, question)).toMatchObject({ type: 'library.tell' })
    expect(mesh.strikes).toHaveLength(2)
    expect(mesh.model.requestsOf('librarian')).toHaveLength(3)
  })

  it('has a tool hang until its deadline, of which the agent is told', async () => {
    await using mesh = await library([fault.hang('look')])
    await mesh.ask('librarian', ask, question)
    expect(mesh.elapsed()).toBe(look30s)
    expect(mesh.model.requestsOf('librarian')[1]!.transcript.at(-1)).toMatchObject({ kind: 'error' })
  })

  it('strikes now, where the test says so', async () => {
    await using mesh = await library([], 5_000)
    const run = await mesh.send({ to: 'librarian', message: ask, body: question })
    await mesh.advance(1_000)
    mesh.strike(fault.kill('expert'))
    expect(() => mesh.strike(fault.kill('expert'))).toThrow('nobody here is "expert": there are librarian-1')
    expect((await run.end()).reply).toMatchObject({ type: 'library.tell' })
    expect(mesh.model.requestsOf('expert')).toHaveLength(2)
  })

  it('strikes the same way each time', async () => {
    const faults = [fault.kill('librarian', { afterTurns: 2 }), fault.duplicate('expert.doubt')]
    const spans: string[] = []
    for (let time = 0; time < 2; time++) {
      await using mesh = await library(faults, 300)
      await mesh.ask('librarian', ask, question)
      spans.push(JSON.stringify((await mesh.trace()).spans))
    }
    expect(spans[1]).toBe(spans[0])
  })
})

/** Of `look`, in milliseconds. */
const look30s = 30_000

describe('what tools do in the real world', () => {
  const slow = (run: Tool['run']) =>
    defineRole({
      ...{ name: 'librarian', description: '', instructions: '', accepts: [ask], answers: [tell] },
      tools: [
        defineTool({
          name: 'look',
          description: '',
          input: z.object({ word: z.string() }),
          output: z.unknown(),
          run,
        }),
      ],
    })
  const model = () => scriptedModel([looking, told])

  it('takes no virtual time, and a wait by its clock no real one', async () => {
    const reading = slow(async (_, context) => {
      const text = await readFile(new URL(import.meta.url), 'utf8')
      await pause(7_000, context)
      return { output: { length: (await readFile(new URL(import.meta.url), 'utf8')).length - text.length } }
    })
    await using mesh = await testMesh({ roles: [reading], model: model() })
    expect(await mesh.ask('librarian', ask, question)).toMatchObject({ type: 'library.tell' })
    expect(mesh.elapsed()).toBe(7_000)
    expect(mesh.toolRuns).toMatchObject([{ output: { length: 0 } }])
  })

  it('has the time that a process takes, though its deadline is a timer', async () => {
    const running = defineRole({
      ...{ name: 'librarian', description: '', instructions: '', accepts: [ask], answers: [tell] },
      tools: [runCommandTool({ commands: [{ argv: ['node', '--version'] }] })],
    })
    await using mesh = await testMesh({
      ...{ roles: [running], workspace: { 'a.txt': 'a' }, realTimeMs: 20_000 },
      model: scriptedModel([call('run_command', { argv: ['node', '--version'] }), told]),
    })
    expect(await mesh.ask('librarian', ask, question)).toMatchObject({ type: 'library.tell' })
    expect(mesh.toolRuns.slice(1)).toMatchObject([{ output: { output: `${process.version}\n` } }])
    expect(mesh.elapsed()).toBe(0)
  })

  it('is not waited for for ever', async () => {
    const stuck = slow(() => new Promise<never>(() => {}))
    await using mesh = await testMesh({ roles: [stuck], model: model(), realTimeMs: 20 })
    await expect(mesh.ask('librarian', ask, question)).rejects.toMatchObject({
      code: 'testing.real-time',
      message: expect.stringMatching(/^the tool "look" of librarian goal took longer than 20 ms/),
    })
  })
})

it('asks a test in place of a person', async () => {
  const careful = defineRole({
    ...{ name: 'librarian', description: '', instructions: '', accepts: [ask], answers: [tell] },
    tools: librarian.tools,
    approve: ['look'],
  })
  await using mesh = await testMesh({ roles: [careful], model: scriptedModel([looking, told]) })
  await expect(mesh.decide('approve')).rejects.toThrow('nothing waits for a person')
  const run = await mesh.send({ to: 'librarian', message: ask, body: question })
  await mesh.advance(60_000)
  expect(await mesh.waits()).toMatchObject([{ tool: 'look', role: 'librarian' }])
  expect(mesh.toolRuns).toEqual([])
  await mesh.decide('approve', { text: 'go on', by: 'jo' })
  expect((await run.end()).reply).toMatchObject({ type: 'library.tell' })
  expect(mesh.toolRuns).toHaveLength(1)
})
