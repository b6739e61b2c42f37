/** A flock of one role for tests: clerks, who answer a question with the question; and the job that asks them one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { question } from '../../protocols/question.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import type { Job } from '../../src/flock/job.ts'
import { silentLog } from '../../src/log.ts'
import type { ProcessPorts } from '../../src/peer/process.ts'
import { defineRole } from '../../src/role/define.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'

export const clerk = defineRole({
  name: 'clerk',
  description: 'repeats the question',
  instructions: 'Repeat the question.',
  accepts: [question.messages.ask],
  answers: [question.messages.answer],
  policy: ({ transcript: [work] }) => {
    const { question: asked } = (work as { body: { question: string } }).body
    if (asked === 'why?') return { kind: 'give-up', reason: 'nobody knows' }
    return { kind: 'answer', type: 'question.answer', body: { answer: asked, findings: [], sources: [] } }
  },
})

export const ask = (text: string, count = 1): Job => ({
  goal: text,
  roles: [{ role: clerk, count }],
  prepare: async () => ({
    start: {
      role: clerk.name,
      message: question.messages.ask,
      body: { question: text, subject: null, known: [] },
      answers: [question.messages.answer],
    },
  }),
})

/** Removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-flock-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A process's ports on a bus in memory, and more of them on the same. */
export function processes() {
  const [clock, random] = [systemClock(), systemRandom()]
  const network = memoryNetwork({ clock, random })
  return async (name: string, pid: number): Promise<ProcessPorts> => ({
    bus: network.connect(name),
    clock,
    random,
    spans: { emit: () => {}, close: async () => {} },
    log: silentLog,
    host: 'test',
    pid,
    scratch: await temporaryFolder(),
  })
}
