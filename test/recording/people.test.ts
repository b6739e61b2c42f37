import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { question } from '../../protocols/question.ts'
import type { Records, RecordWatch } from '../../src/bus/records.ts'
import { readRecording } from '../../src/flock/recording-file.ts'
import { replayRun } from '../../src/flock/replay-run.ts'
import { run } from '../../src/flock/run.ts'
import { askHuman } from '../../src/people/ask-human.ts'
import { decide } from '../../src/people/decide.ts'
import { decodeWait, waitsPrefix } from '../../src/people/wait.ts'
import { defineRole } from '../../src/role/define.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { temporaryFolder } from '../flock/clerks.ts'

/** Somebody who answers, denies whatever has a "two" in it, and approves the rest. */
async function decideAll(records: Records, watch: RecordWatch): Promise<void> {
  for await (const entry of watch) {
    const wait = decodeWait(entry)
    if (wait.decision !== null) continue
    const verdict = wait.kind === 'question' ? 'answer' : wait.input.includes('two') ? 'deny' : 'approve'
    await decide(records, wait, { verdict, by: 'jo', text: 'so be it', at: wait.since, nonce: wait.id })
  }
}

/** A clerk that asks, stamps, stamps again and says how it went. */
function office() {
  const ran: string[] = []
  const call = defineTool({
    ...{ name: 'call', description: 'Calls somebody.', input: z.object({}), output: z.object({}) },
    async run(_, { records, run }) {
      void decideAll(records, await records.watch(waitsPrefix(run)))
      return { output: {} }
    },
  })
  const stamp = defineTool({
    ...{ name: 'stamp', description: 'Stamps.', output: z.object({ by: z.string() }), idempotent: false },
    input: z.object({ paper: z.string() }),
    async run({ paper }, { said }) {
      ran.push(paper)
      return { output: { by: said!.by } }
    },
  })
  const steps = [
    ['call', {}],
    ['ask_human', { question: 'Which?' }],
    ['stamp', { paper: 'one' }],
    ['stamp', { paper: 'two' }],
  ] as const
  const clerk = defineRole({
    ...{ name: 'clerk', description: 'stamps papers', instructions: 'Stamp them.' },
    ...{ accepts: [question.messages.ask], answers: [question.messages.answer] },
    tools: [call, stamp, askHuman()],
    policy({ transcript }) {
      const step = steps[transcript.filter(({ kind }) => kind === 'reply').length]
      if (step !== undefined) return { kind: 'call', tool: step[0], input: step[1] }
      const told = transcript.flatMap((entry) => (entry.kind === 'error' ? [entry.code] : []))
      const body = { answer: told.join(), findings: [], sources: [] }
      return { kind: 'answer', type: 'question.answer', body }
    },
  })
  return {
    ...{ ran, clerk },
    job: {
      goal: 'stamp them',
      roles: [{ role: clerk, count: 1 }],
      prepare: async () => ({
        start: {
          ...{ role: clerk.name, message: question.messages.ask },
          body: { question: 'stamp', subject: null, known: [] },
          answers: [question.messages.answer],
        },
      }),
    },
  }
}

it('a replay of a run in which people decided asks nobody, and runs nothing', async () => {
  const stateDir = await temporaryFolder()
  const file = join(stateDir, 'run.jsonl')
  const { job, clerk, ran } = office()
  const options = {
    inMemory: true,
    stateDir,
    env: { SKEIN_SANDBOX: 'none' },
    approve: ['stamp'],
    record: { file },
  }
  const report = await run(job, options)
  expect(report).toMatchObject({ outcome: 'completed', answer: { body: { answer: 'tool.denied' } } })
  expect(ran).toEqual(['one'])
  const again = await replayRun(await readRecording(file), { roles: [clerk], stateDir })
  expect(again).toMatchObject({ outcome: 'completed', messages: report.messages, answer: report.answer })
  expect(ran).toEqual(['one'])
})
