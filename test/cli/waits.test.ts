import { describe, expect, it } from 'vitest'
import { chosenWaits } from '../../cli/input/waits.ts'
import { board } from '../../cli/show/board.ts'
import { happenings } from '../../cli/show/happening.ts'
import { createProgress } from '../../cli/show/progress.ts'
import { pendingWaits, showWait } from '../../cli/show/wait.ts'
import type { Wait } from '../../src/people/wait.ts'
import { answering, office, work } from '../people/office.ts'
import { job } from '../turn/stage.ts'

const wait = (id: string, more: Partial<Wait> = {}) =>
  ({ id, tool: 'blast', decision: null, ...more }) as Wait
const [one, two, done] = [wait('3fa1c0de'), wait('3fb2c0de'), wait('3faaaaaa', { decision: {} as never })]

describe('the waits that a command line means', () => {
  const choose = (ids: readonly string[], all = false) =>
    chosenWaits([one, two], [one, two, done], { ids, all }).map(({ id }) => id)

  it('are named by the beginning of an id, where no other fits', () => {
    expect(choose(['3FA1'])).toEqual(['3fa1c0de'])
    expect(choose(['3fa1', '3fa1c0de', '3fb2'])).toEqual(['3fa1c0de', '3fb2c0de'])
    expect(() => choose(['3f'])).toThrow(/fits 2 that wait.*give more of it/)
  })

  it('are what is decided already only where nothing that waits is meant', () => {
    expect(choose(['3fa'])).toEqual(['3fa1c0de'])
    expect(choose(['3faa'])).toEqual(['3faaaaaa'])
  })

  it('are never all of them by mistake', () => {
    expect(() => choose([])).toThrow(/say --all\. There are 3fa1c0de \(blast\), 3fb2c0de \(blast\)/)
    expect(() => choose([''])).toThrow(/nothing that waits is called ""/)
    expect(() => choose(['3fa1'], true)).toThrow('do not go together')
    expect(choose([], true)).toEqual(['3fa1c0de', '3fb2c0de'])
  })
})

describe('a run that waits for a person', () => {
  async function waiting() {
    const here = office()
    await here.hire([{ calls: [{ tool: 'blast', input: { thing: 'dam\u001b[2J' } }] }, answering])
    await here.send(work)
    return { ...here, record: (await here.journal(job)).at(-1)!, wait: await here.wait() }
  }
  const plain = { paint: (_: unknown, text: string) => text, width: () => 100, height: () => 30 }

  it('says what to type', async () => {
    const { record, wait } = await waiting()
    const command = `skein approve r1 ${wait.id}`
    expect(pendingWaits(record)).toMatchObject([{ command, tool: 'blast' }])
    expect(happenings(record).map(({ kind, text }) => [kind, text])).toContainEqual([
      'waits',
      expect.stringContaining(`waits for you: ${command} (blast {`),
    ])
    const progress = createProgress()
    progress.take(record)
    const around = { run: 'r1', goal: 'g', model: 'm', startedAt: 0, now: 0, over: false }
    const lines = board(progress.view(), around, plain)
    expect(lines.join('\n')).toMatch(/worker-1 +waits for you: blast/)
    expect(lines.some((line) => line.startsWith(command))).toBe(true)
  })

  it('shows all of a call to whoever asks for it, and nothing that steers a terminal', async () => {
    const { wait, clock } = await waiting()
    const lines: string[] = []
    showWait(wait, clock.now(), true, { ...plain, line: (text: string) => lines.push(text) } as never)
    expect(lines[0]).toMatch(
      new RegExp(`^${wait.id}  r1  worker of job wants to use blast  for .*, 2h 00m left$`),
    )
    expect(lines.join('\n')).toContain('"thing": "dam')
    const asking = {
      ...wait,
      kind: 'question' as const,
      question: 'Tea?\u001b[2J\nNow?',
      choices: ['y\u001b'],
    }
    showWait(asking, clock.now(), true, { ...plain, line: (text: string) => lines.push(text) } as never)
    expect(lines.slice(-4)).toEqual(['  Tea?·[2J', '  Now?', '  1) y·', `  skein answer r1 ${wait.id}`])
    expect(lines.join('\n')).not.toContain('\u001b')
  })
})
