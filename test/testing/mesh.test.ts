import { describe, expect, it } from 'vitest'
import { answer, call, delay, fail, scriptedModel, testMesh } from '../../src/testing/index.ts'
import { ToolError } from '../../src/tools/tool.ts'
import { advice, ask, doubt, expert, librarian, tell } from './library.ts'

const question = { question: 'What is the fee?' }
const told = answer(tell, { text: 'Guests pay 8.', page: 'fees.md' })
const looking = call('look', { word: 'fees' })

describe('a mesh for tests', () => {
  it('gives the answer that a model and a tool have led to', async () => {
    const model = scriptedModel([looking, told])
    await using mesh = await testMesh({ roles: [librarian], model })
    const reply = await mesh.ask('librarian', ask, question)
    expect(reply).toEqual({ type: 'library.tell', body: { text: 'Guests pay 8.', page: 'fees.md' } })
    expect(mesh.toolRuns).toMatchObject([
      { tool: 'look', input: { word: 'fees' }, output: { page: 'fees.md' }, role: 'librarian' },
    ])
    expect(model.requests.at(-1)!.transcript.at(-1)).toMatchObject({ kind: 'result', tool: 'look' })
    expect(model.left()).toEqual({})
  })

  it('gives the failure, where that is what comes back', async () => {
    await using mesh = await testMesh({ roles: [librarian], model: scriptedModel([fail('refused')]) })
    expect(await mesh.ask('librarian', ask, question)).toMatchObject({
      type: 'failure',
      body: { kind: 'error', reason: expect.stringContaining('the test says that it is refused') },
    })
  })

  it('lists what was said between roles, with its types', async () => {
    const model = scriptedModel({
      librarian: [call('ask_expert', { about: 'fees' }), told],
      expert: [answer(advice, { text: '8' })],
    })
    await using mesh = await testMesh({ roles: [librarian, { role: expert, count: 2 }], model })
    const { outcome, spent, messages } = await mesh.run({ to: 'librarian', message: ask, body: question })
    expect({ outcome, calls: spent.calls }).toEqual({ outcome: 'completed', calls: 3 })
    expect(mesh.lines).toEqual([
      'origin → librarian  library.ask',
      'librarian → expert  expert.doubt',
      'expert → librarian  expert.advice',
      'librarian → origin  library.tell',
    ])
    expect(messages).toEqual(mesh.messages)
    expect(mesh.onlyMessage(doubt).body.about).toBe('fees')
    expect(mesh.onlyMessage(advice).answers).toBe(mesh.onlyMessage(doubt).id)
    expect(() => mesh.onlyMessage('library.tall')).toThrow(
      /there is no message "library\.tall".*\n {2}origin → librarian {2}library\.ask\n/,
    )
    expect((await mesh.trace()).flaws()).toEqual([])
  })

  it('keeps several runs apart', async () => {
    await using mesh = await testMesh({
      roles: [librarian],
      model: scriptedModel(({ transcript }) =>
        answer(tell, { text: JSON.stringify(transcript.at(-1)), page: '' }),
      ),
    })
    const replies = await Promise.all(
      ['first', 'second'].map((text) => mesh.ask('librarian', ask, { question: text })),
    )
    expect(replies.map(({ body }) => JSON.stringify(body))).toEqual([
      expect.stringContaining('first'),
      expect.stringContaining('second'),
    ])
  })

  it('has time stand still until a test lets it pass', async () => {
    await using mesh = await testMesh({ roles: [librarian], model: scriptedModel([delay(60_000, told)]) })
    const run = await mesh.send({ to: 'librarian', message: ask, body: question })
    await mesh.settle()
    expect(mesh.stateOf('goal')).toMatchObject({ state: 'thinking', isOver: false, peer: 'librarian-1' })
    await mesh.advance(59_000)
    expect({ at: mesh.elapsed(), messages: mesh.messages.length }).toEqual({ at: 59_000, messages: 1 })
    await mesh.advance(1_000)
    expect(mesh.stateOf('goal')).toMatchObject({ state: 'done', isOver: true, context: { steps: 0 } })
    expect((await run.end()).outcome).toBe('completed')
  })

  it('stops a run at its deadline, and at what it may spend', async () => {
    const slow = scriptedModel([delay(60_000, told)])
    await using late = await testMesh({ roles: [librarian], model: slow })
    const end = await late.run({ to: 'librarian', message: ask, body: question, timeoutMs: 5_000 })
    expect(end).toMatchObject({ outcome: 'exhausted', reply: { type: 'failure', body: { kind: 'timeout' } } })

    await using poor = await testMesh({ roles: [librarian], model: scriptedModel([looking, told]) })
    const spent = await poor.ask('librarian', ask, question, { limits: { tokens: 10 } })
    expect(spent).toMatchObject({ type: 'failure', body: { kind: 'exhausted' } })
  })

  it('takes other tools in place of those of the roles', async () => {
    await using mesh = await testMesh({
      roles: [librarian],
      model: scriptedModel([looking, looking, told]),
      tools: {
        look: ({ word }: { word: string }) => {
          if (mesh.toolRuns.length === 1) throw new ToolError('closed', 'come back later')
          return { page: `shelf/${word}` }
        },
      },
    })
    await mesh.ask('librarian', ask, question)
    expect(mesh.toolRuns).toMatchObject([{ error: 'tool.closed' }, { output: { page: 'shelf/fees' } }])
  })
})

describe('a test that goes wrong', () => {
  it('is told what its script did not expect, at once', async () => {
    await using mesh = await testMesh({ roles: [librarian], model: scriptedModel([looking]) })
    await expect(mesh.ask('librarian', ask, question)).rejects.toMatchObject({
      code: 'model.script',
      message: expect.stringMatching(/has 1 step, and "librarian" asks for another[\s\S]*"page":"fees\.md"/),
    })
  })

  it('is told who waits for what, where a run comes to no end', async () => {
    const model = scriptedModel({
      librarian: [call('ask_expert', { about: 'fees' })],
      expert: [delay(90_000, fail('cut'))],
    })
    await using mesh = await testMesh({ roles: [librarian, expert], model, patienceMs: 60_000 })
    await expect(mesh.ask('librarian', ask, question)).rejects.toMatchObject({
      code: 'testing.patience',
      message: expect.stringMatching(
        /^library\.ask to the librarian came to no end in 60000 ms[\s\S]*librarian goal, in "asking", waits for expert\.advice of expert \S+ until 120000 ms[\s\S]*expert \S+, in "thinking", asks its model since 0 ms/,
      ),
    })
  })

  it('is told at once of what cannot be sent', async () => {
    await using mesh = await testMesh({ roles: [librarian] })
    await expect(mesh.ask('library', ask, question)).rejects.toThrow(
      'there is no role "library" in this mesh: there are librarian',
    )
    await expect(mesh.ask('librarian', doubt, { about: 'x' })).rejects.toThrow(
      'the librarian does not accept "expert.doubt": it accepts library.ask, expert.advice',
    )
    expect(() => mesh.stateOf('goal')).toThrow('there is no conversation "goal": there are none')
  })
})
