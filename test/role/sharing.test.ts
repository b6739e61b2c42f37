/** What agents of the ready machine do to a workspace: who sees it, and how it is handed over. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { assign, emit, enqueueActions } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { task } from '../../protocols/task.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import {
  answer,
  call,
  delay,
  fault,
  reply,
  type ScriptStep,
  scriptedModel,
  type TestMeshOptions,
  testMesh,
  when,
} from '../../src/testing/index.ts'
import { editFile } from '../../src/tools/edit-file.ts'
import { readFile } from '../../src/tools/read-file.ts'
import { showChanges } from '../../src/tools/show-changes.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { writeTree } from '../../src/tools/tree.ts'
import { writeFile } from '../../src/tools/write-file.ts'

const { wish, done } = defineProtocol(
  'job',
  1,
  { wish: z.object({ text: z.string() }), done: z.object({ text: z.string() }) },
  { wish: ['done'] },
).messages

const about = { description: 'A role.', instructions: 'Do it.', accepts: [wish], answers: [done] }
const tools = [readFile(), editFile(), writeFile()]
const ask = { message: wish, answers: [done] }
const editor = defineRole({ ...about, name: 'editor', tools })
const reader = defineRole({ ...about, name: 'reader', tools: [readFile(), showChanges()] })
const writer = defineRole({ ...about, name: 'writer', tools, asks: { editor: ask, reader: ask } })
const lead = defineRole({ ...about, name: 'lead', asks: { editor: ask, reader: ask } })

/** Wishes of two editors at once, and says what both have done. */
const both = defineRole({
  ...about,
  name: 'both',
  accepts: [wish, done],
  sends: [wish],
  machine: roleSetup<
    AgentContext & { readonly heard: readonly string[] },
    typeof wish | typeof done,
    typeof wish | typeof done
  >([]).createMachine({
    context: ({ input }) => ({ ...newAgent(input), heard: [] }),
    initial: 'waiting',
    states: {
      waiting: { on: { 'job.wish': 'asking' } },
      asking: {
        entry: enqueueActions(({ enqueue }) => {
          for (const text of ['first', 'second'])
            enqueue.emit({ type: 'job.wish', body: { text }, to: { role: 'editor', conversation: text } })
        }),
        on: {
          'job.done': {
            actions: assign(({ context, event }) => ({ heard: [...context.heard, event.body.text] })),
          },
        },
        always: { guard: ({ context }) => context.heard.length === 2, target: 'over' },
      },
      over: {
        type: 'final',
        entry: emit(({ context }) => ({ type: 'job.done', body: { text: context.heard.join() } })),
      },
    },
  }),
})

const WORKSPACE = { 'a.md': 'one\ntwo\nthree\nfour\nfive\nsix\n' }
const edit = (old: string, text: string) =>
  call('edit_file', {
    edits: [{ action: 'replace', path: 'a.md', old, new: text, all: null, to: null }],
  })
const write = (path: string, text: string) => call('write_file', { path, text })
const read = (path: string) => call('read_file', { path, from: null, to: null })
const told = (text = 'done') => answer(done, { text })
const WISH = { text: 'Change it.' }

async function meshOf(options: TestMeshOptions) {
  const mesh = await testMesh({ workspace: WORKSPACE, ...options })
  onTestFinished(() => mesh.close())
  return mesh
}

describe('what an agent changes', () => {
  it('is handed over with its answer, whatever calls of one reply made it', async () => {
    const model = scriptedModel([
      reply(edit('two', 'TWO'), edit('TWO', 'Two'), write('b.md', 'new\n')),
      told(),
    ])
    const mesh = await meshOf({ roles: [editor], model })
    expect(await mesh.ask('editor', wish, WISH)).toMatchObject({ type: 'job.done' })
    const patch = await mesh.patch()
    expect(patch).toContain('-two\n+Two\n')
    expect(patch).toContain('+++ b/b.md\n')
  })

  it('is nothing where it changed nothing', async () => {
    const mesh = await meshOf({ roles: [editor], model: scriptedModel([told()]) })
    await mesh.ask('editor', wish, WISH)
    expect(await mesh.patch()).toBe('')
  })

  it('is not handed over where it gives up', async () => {
    const steps = Array.from({ length: 5 }, () => answer('job.none', {}))
    const mesh = await meshOf({ roles: [editor], model: scriptedModel([edit('two', 'TWO'), ...steps]) })
    expect(await mesh.ask('editor', wish, WISH)).toMatchObject({ type: 'failure' })
    expect(await mesh.patch()).toBe('')
  })

  it('is handed over once, though its process dies when that is done', async () => {
    const model = scriptedModel([edit('two', 'TWO'), told()])
    const faults = [fault.kill('editor', { called: 'share_work', time: 2 })]
    const mesh = await meshOf({ roles: [editor], model, faults })
    expect(await mesh.ask('editor', wish, WISH)).toMatchObject({ type: 'job.done' })
    expect(mesh.strikes).toHaveLength(1)
    expect(await mesh.patch()).toContain('-two\n+TWO\n')
  })

  it('is handed over, whether or not its tool says that it changes the workspace', async () => {
    const wipe = defineTool({
      name: 'wipe',
      description: 'Empties the workspace.',
      input: z.object({}),
      output: z.object({}),
      run: async (_, { blobs }) => ({ output: {}, tree: await writeTree(blobs, new Map()) }),
    })
    const wiper = defineRole({ ...about, name: 'wiper', tools: [wipe] })
    const mesh = await meshOf({ roles: [wiper], model: scriptedModel([call('wipe'), told()]) })
    await mesh.ask('wiper', wish, WISH)
    expect(await mesh.patch()).toContain('deleted file')
  })

  it('is seen by whom it asks, and it goes on from what that one changed', async () => {
    const model = scriptedModel({
      writer: [
        edit('two', 'TWO'),
        call('ask_editor', WISH),
        read('a.md'),
        when(/TWO.*SIX/, edit('four', 'FOUR')),
        told(),
      ],
      editor: [read('a.md'), when(/TWO/, edit('six', 'SIX')), told()],
    })
    const mesh = await meshOf({ roles: [writer, editor, reader], model })
    expect(await mesh.ask('writer', wish, WISH)).toMatchObject({ type: 'job.done' })
    const asking = model.requests[0]!.tools.find(({ name }) => name === 'ask_editor')
    expect(asking!.description).toContain('It sees the workspace as you have changed it.')
    const patch = await mesh.patch()
    for (const line of ['+TWO', '+FOUR', '+SIX']) expect(patch).toContain(`${line}\n`)
  })

  it('is seen by who only looks, also where who asks has no workspace of its own', async () => {
    const model = scriptedModel({
      lead: [reply(call('ask_editor', WISH), call('ask_reader', WISH)), told()],
      editor: [edit('two', 'TWO'), told()],
      reader: [call('show_changes', { paths: null }), when(/\+TWO/, told('seen'))],
    })
    const mesh = await meshOf({ roles: [lead, editor, reader], model })
    expect(await mesh.ask('lead', wish, WISH)).toMatchObject({ type: 'job.done' })
    expect(await mesh.patch()).toContain('+TWO\n')
  })
})

describe('agents that work at the same time', () => {
  /** Both begin at once; the second answers when the first is done. */
  const atOnce = (first: ScriptStep, second: readonly ScriptStep[]) =>
    scriptedModel(({ transcript }, number) => {
      const isFirst = JSON.stringify(transcript[0]).includes('"first"')
      const at = transcript.filter(({ kind }) => kind === 'reply').length
      const steps = isFirst ? [first, told('first')] : second
      const step = steps[at]!
      return typeof step === 'function'
        ? step(...([{ transcript }, number] as Parameters<typeof step>))
        : step
    })
  const late = { ...delay(5_000, told('second')) }
  const crew = { roles: [both, { role: editor, count: 2 }] }

  it('have their changes merged, where they are in other places', async () => {
    const mesh = await meshOf({ ...crew, model: atOnce(edit('two', 'TWO'), [edit('six', 'SIX'), late]) })
    expect(await mesh.ask('both', wish, WISH)).toEqual({ type: 'job.done', body: { text: 'first,second' } })
    const patch = await mesh.patch()
    expect(patch).toContain('+TWO\n')
    expect(patch).toContain('+SIX\n')
  })

  it('are told where they overlap, have the work of others there and their own elsewhere, and go on', async () => {
    const second = [
      reply(edit('two', 'ZWEI'), write('b.md', 'new\n')),
      late,
      when(/Not handed over: somebody else changed the same places of a\.md/, read('a.md')),
      when(/TWO/, edit('TWO', 'two and ZWEI')),
      told('second'),
    ]
    const mesh = await meshOf({ ...crew, model: atOnce(edit('two', 'TWO'), second) })
    expect(await mesh.ask('both', wish, WISH)).toEqual({ type: 'job.done', body: { text: 'first,second' } })
    const patch = await mesh.patch()
    expect(patch).toContain('-two\n+two and ZWEI\n')
    expect(patch).toContain('+++ b/b.md\n')
  })

  it('are told so in place of a question, which is not asked', async () => {
    const asker = defineRole({ ...about, name: 'editor', tools, asks: { reader: ask } })
    const second = [
      edit('two', 'ZWEI'),
      delay(5_000, call('ask_reader', WISH)),
      when(/tool\.overlap.*not asked/, told('second')),
    ]
    const mesh = await meshOf({
      roles: [both, { role: asker, count: 2 }, reader],
      model: atOnce(edit('two', 'TWO'), second),
    })
    expect(await mesh.ask('both', wish, WISH)).toEqual({ type: 'job.done', body: { text: 'first,second' } })
    expect(mesh.messages.filter(({ to }) => to.startsWith('reader'))).toEqual([])
    expect(await mesh.patch()).toContain('-two\n+TWO\n')
  })
})

describe('an agent without a workspace', () => {
  it('fails where it is there to change files, before its model is asked', async () => {
    const model = scriptedModel([told()])
    const mesh = await testMesh({ roles: [editor], model })
    onTestFinished(() => mesh.close())
    expect(await mesh.ask('editor', wish, WISH)).toMatchObject({
      type: 'failure',
      body: { kind: 'error', reason: expect.stringMatching(/no workspace.*--workspace.*tool\.no-workspace/) },
    })
    expect(model.requests).toEqual([])
  })

  it('goes on without where it only looks', async () => {
    const model = scriptedModel([read('a.md'), when(/tool\.no-workspace/, told())])
    const mesh = await testMesh({ roles: [reader], model })
    onTestFinished(() => mesh.close())
    expect(await mesh.ask('reader', wish, WISH)).toMatchObject({ type: 'job.done' })
  })
})

describe('an answer that names the workspace', () => {
  const worker = defineRole({
    ...about,
    name: 'worker',
    accepts: [task.messages.request],
    answers: [task.messages.result],
    tools,
  })
  const work = { title: 'Two', instructions: 'Mend it.', subject: null, needs: [], checks: [] }
  const result = { summary: 'Mended.', findings: [], sources: [], checks: [], openPoints: [] }

  it('has it filled in, and its model is not asked for it', async () => {
    const model = scriptedModel([edit('two', 'TWO'), answer('task.result', result)])
    const mesh = await meshOf({ roles: [worker], model })
    const { body } = await mesh.ask('worker', task.messages.request, work)
    expect(body).toMatchObject({ ...result, tree: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const [schema] = model.requests[0]!.answers
    expect(Object.keys((schema!.body as { properties: object }).properties)).not.toContain('tree')
  })
})
