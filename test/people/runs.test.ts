import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pendingWaits } from '../../cli/show/wait.ts'
import { question } from '../../protocols/question.ts'
import type { Job } from '../../src/flock/job.ts'
import { run } from '../../src/flock/run.ts'
import { askHuman } from '../../src/people/ask-human.ts'
import { defineRole } from '../../src/role/define.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { temporaryFolder } from '../flock/clerks.ts'

/** Stamps a paper, and says what came of it. */
function office(ran: string[]): Job {
  const stamp = defineTool({
    name: 'stamp',
    description: 'Stamps a paper.',
    input: z.object({}),
    output: z.object({}),
    async run() {
      ran.push('stamp')
      return { output: {} }
    },
  })
  const clerk = defineRole({
    name: 'clerk',
    description: 'stamps papers',
    instructions: 'Stamp it.',
    accepts: [question.messages.ask],
    answers: [question.messages.answer],
    tools: [stamp, askHuman()],
    policy({ transcript }) {
      const last = transcript.at(-1)!
      if (last.kind === 'message') return { kind: 'call', tool: 'stamp', input: {} }
      const answer = last.kind === 'error' ? last.code : 'done'
      return { kind: 'answer', type: 'question.answer', body: { answer, findings: [], sources: [] } }
    },
  })
  return {
    goal: 'stamp it',
    roles: [{ role: clerk, count: 1 }],
    prepare: async () => ({
      start: {
        role: clerk.name,
        message: question.messages.ask,
        body: { question: 'stamp', subject: null, known: [] },
        answers: [question.messages.answer],
      },
    }),
  }
}

const NO_SANDBOX = { SKEIN_SANDBOX: 'none' }
const inMemory = async () => ({ inMemory: true, stateDir: await temporaryFolder(), env: NO_SANDBOX })
const answered = (answer: string) => ({ outcome: 'completed', answer: { body: { answer } } })

describe('a run', () => {
  it('runs a tool at once that nobody wants approved', async () => {
    const ran: string[] = []
    expect(await run(office(ran), await inMemory())).toMatchObject(answered('done'))
    expect(ran).toEqual(['stamp'])
  })

  it('that was started without people refuses at once what would wait for one', async () => {
    const ran: string[] = []
    const options = { ...(await inMemory()), approve: ['stamp'], noHuman: true }
    expect(await run(office(ran), options)).toMatchObject(answered('tool.unanswered'))
    expect(ran).toEqual([])
  })

  it('that is cancelled waits for nobody any more', async () => {
    const ran: string[] = []
    const stop = new AbortController()
    const report = await run(office(ran), {
      ...(await inMemory()),
      approve: ['stamp'],
      signal: stop.signal,
      onCommit: (record) => pendingWaits(record).length > 0 && stop.abort(),
    })
    expect(report).toMatchObject({ outcome: 'cancelled' })
    expect(ran).toEqual([])
  })

  it('is refused where it wants a tool approved that nobody has, as when it is misspelt', async () => {
    const options = { ...(await inMemory()), approve: ['stump'] }
    await expect(run(office([]), options)).rejects.toMatchObject({
      code: 'flock.no-tool',
      message: expect.stringMatching(/"stump".*ask_human, .*stamp/),
    })
  })
})
