import { describe, expect, it } from 'vitest'
import { toldOf, waitingLines, waitingOf, waitingSchema } from '../../cli/mcp/waiting.ts'
import { answering, office, work } from '../people/office.ts'
import { job } from '../turn/stage.ts'

async function waiting() {
  const here = office()
  await here.hire([{ calls: [{ tool: 'blast', input: { thing: 'dam\u001b[2J' } }] }, answering])
  await here.send(work)
  return { ...here, record: (await here.journal(job)).at(-1)!, wait: await here.wait() }
}

describe('what an assistant is told of a run that waits for a person', () => {
  it('is who wants what, until when, and what the person types to see it', async () => {
    const { wait } = await waiting()
    const told = waitingOf([{ ...wait, gist: 'blows up the dam' }])
    expect(waitingSchema.parse(told)).toMatchObject([
      {
        ...{ id: wait.id, kind: 'approval', tool: 'blast', role: 'worker', conversation: 'job' },
        ...{ about: 'blows up the dam', command: `skein waiting r1 ${wait.id}` },
      },
    ])
    const lines = waitingLines(told)
    expect(lines[0]).toContain(
      `worker of job wants to use blast: blows up the dam. They type: skein waiting r1`,
    )
    expect(lines.at(-1)).toMatch(/Only a person decides this/)
    expect(waitingLines(waitingOf([]))).toEqual([])
  })

  it('steers no terminal that shows it', async () => {
    const { wait, record } = await waiting()
    const all = [...waitingLines(waitingOf([wait])), ...toldOf(record)]
    expect(all.join('')).toContain('dam')
    expect(all.filter((text) => /[\p{Cc}\p{Cf}]/u.test(text))).toEqual([])
  })

  it('is no word that calls the assistant the one who decides', async () => {
    const { record, wait } = await waiting()
    const told = toldOf(record)
    expect(told.at(-1)).toMatch(
      new RegExp(`^worker-1: waits for a person, who types: skein waiting r1 ${wait.id} \\(blast`),
    )
    expect(told.join('\n')).not.toContain('for you')
  })
})
