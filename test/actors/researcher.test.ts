import { describe, expect, it } from 'vitest'
import { researcherMachine } from '../../actors/researcher/machine.ts'
import { researchOffline } from '../../actors/researcher/policy.ts'
import { question } from '../../protocols/question.ts'
import { task } from '../../protocols/task.ts'
import type { TranscriptEntry } from '../../src/model/model.ts'
import { played } from './played.ts'

const finding = { path: 'docs/a.md', heading: 'Slugs', line: 3, code: 'export const slug = () => 1' }
const found = { summary: 'There is one.', findings: [finding], openPoints: ['nothing on umlauts'] }

describe('the researcher', () => {
  it('hands its findings over as the result of a task, with their places', () => {
    const request = { title: '', instructions: '', subject: null, needs: [], checks: [] }
    const { emitted } = played(researcherMachine).hear('task.request', request).answers('findings', found)
    expect(emitted).toMatchObject([{ type: 'task.result', body: { ...found, sources: ['docs/a.md:3'] } }])
    expect(task.messages.result.body.safeParse(emitted[0]!.body).success).toBe(true)
  })

  it('answers a question with the same, and with what it did not find', () => {
    const asked = { question: 'What of umlauts?', subject: null, known: [] }
    const { emitted } = played(researcherMachine).hear('question.ask', asked).answers('findings', found)
    const answer = 'There is one. nothing on umlauts'
    expect(emitted).toMatchObject([{ type: 'question.answer', body: { answer, sources: ['docs/a.md:3'] } }])
    expect(question.messages.answer.body.safeParse(emitted[0]!.body).success).toBe(true)
  })
})

describe('the researcher without a model', () => {
  const code = (body: string) => ({ language: 'js', text: `export const slug = () => ${body}` })
  const section = (line: number, ...bodies: string[]) => ({
    ...{ path: 'docs/a.md', heading: '', above: [], line, score: 1, text: '' },
    code: bodies.map(code),
  })
  const asked = (known: string[]): TranscriptEntry[] => {
    const subject = { file: 'src/slug.js', name: 'slug', doc: 'makes slugs' }
    const output = { results: [section(3, '1', '2'), section(9, '3')] }
    const result = { kind: 'result', call: 'c', tool: 'search_documents', output } as const
    const body = { question: 'Where else?', subject, known }
    return [{ kind: 'message', type: 'question.ask', from: 'coder-1', body }, result, result]
  }
  const bodiesFor = (known: string[]) => {
    const step = researchOffline({ transcript: asked(known) } as never)
    const { findings } = (step as unknown as { body: { findings: { code: string }[] } }).body
    return findings.map((one) => one.code.at(-1))
  }

  it('leaves out what the asker knows, by its place, one finding for each time it is named', () => {
    expect(bodiesFor([])).toEqual(['1', '2', '3'])
    expect(bodiesFor(['docs/a.md:3'])).toEqual(['2', '3'])
    expect(bodiesFor(['docs/a.md:3', 'docs/a.md:9', 'docs/a.md:3'])).toEqual([])
  })
})
