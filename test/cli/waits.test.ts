import { describe, expect, it } from 'vitest'
import { chosenWaits, waitsIn } from '../../cli/input/waits.ts'
import { board } from '../../cli/show/board.ts'
import { inputLines } from '../../cli/show/call-input.ts'
import { happenings } from '../../cli/show/happening.ts'
import { createProgress } from '../../cli/show/progress.ts'
import { jsonLine } from '../../cli/show/terminal.ts'
import { pendingWaits, showWait } from '../../cli/show/wait.ts'
import { showWholeWait } from '../../cli/show/whole-wait.ts'
import type { Shown } from '../../src/people/shown.ts'
import type { Wait } from '../../src/people/wait.ts'
import { untilAborted } from '../../src/time/or-aborted.ts'
import { answering, office, work } from '../people/office.ts'
import { job, run } from '../turn/stage.ts'

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

describe('what waits in a run', () => {
  const ports = ({ outside: bus, clock }: ReturnType<typeof office>, signal = new AbortController().signal) =>
    ({ bus, clock, signal }) as Parameters<typeof waitsIn>[0]

  it('is found by an id that was announced before it could be decided', async () => {
    const saying = new AbortController()
    const preview = async () => untilAborted(saying.signal).then(() => ({ text: 'signs it' }))
    const here = office({ preview })
    await here.hire([{ calls: [{ tool: 'sign', input: { text: 'x' } }] }, answering])
    await here.send(work)
    const [pending] = pendingWaits((await here.journal(job)).at(-1)!)
    const id = pending!.command.split(' ').at(-1)!
    const found = waitsIn(ports(here), run, [id.slice(0, 4).toUpperCase()])
    await here.pass(1_000)
    saying.abort()
    await here.pass(1_000)
    expect(await here.settled(found)).toMatchObject({ open: [{ id, gist: 'signs it' }] })
  })

  it('is not waited for where nobody announced it', async () => {
    const here = office()
    expect(await here.settled(waitsIn(ports(here), run, ['3fa1']))).toEqual({ open: [], known: [] })
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

  it('says what to type: first what shows the call', async () => {
    const { record, wait } = await waiting()
    const command = `skein waiting r1 ${wait.id}`
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

  it('is listed with what it would do, and what shows it', async () => {
    const { wait, clock } = await waiting()
    const lines: string[] = []
    const screen = { ...plain, line: (text: string) => lines.push(text) } as never
    showWait({ ...wait, gist: 'blows up\u001b[2J', reason: 'it is\nloud' }, clock.now(), screen)
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(`^${wait.id}  r1  worker of job wants to use blast  for .*, 2h 00m left$`),
      ),
      '  blows up·[2J',
      '  because it is loud',
      `  skein waiting r1 ${wait.id}  shows what it would do`,
    ])
  })
})

describe('what a person is shown of a call', () => {
  const asked: Wait = {
    ...{ format: 1, id: '3fa1c0de', revision: 1, run: 'r1', conversation: 'r1/job', effect: '1.0' },
    ...{ kind: 'approval', role: 'coder', peer: 'coder-1', tool: 'edit', input: '{"a":1}', digest: '' },
    ...{ gist: null, shown: null, reason: null, question: null, choices: [], since: 0, until: 60_000 },
    decision: null,
  } as never
  const whole = (text: string) => ({ text, leftOut: null })
  const seen: Shown = {
    ...{ format: 1, input: whole('{"a":1}'), does: whole('changes 1 file\n  a.js'), problem: null },
    patch: {
      text: '--- a/a.js\n+++ b/a.js\n@@ -1 +1 @@\n-1\n+2\n',
      leftOut: { lines: 3, characters: 1_200 },
    },
  }
  function shownOf(wait: Wait, shown?: Shown, isOpen = true): string[] {
    const lines: string[] = []
    const paint = (style: unknown, text: string) =>
      style === 'green' ? `<${text}>` : style === 'red' ? `>${text}<` : text
    const screen = { paint, width: () => 100, line: (text: string) => lines.push(text) }
    showWholeWait(wait, shown, { now: 1_000, isOpen }, screen as never)
    return lines
  }

  it('is what it would do, the patch as far as it is kept, the input, and how to decide', () => {
    expect(shownOf(asked, seen)).toEqual([
      '3fa1c0de  r1  coder of job wants to use edit  for 1.00 s, 59.0 s left',
      'edit …',
      '  changes 1 file',
      '    a.js',
      'patch',
      '  --- a/a.js',
      '  +++ b/a.js',
      '  @@ -1 +1 @@',
      '  >-1<',
      '  <+2>',
      '  3 lines more, 1,200 characters, are left out: you do not see all of it',
      'input',
      '  a: 1',
      '',
      'skein approve r1 3fa1c0de',
      'skein deny r1 3fa1c0de --reason "…"',
    ])
  })

  it('is of a decided one how it was decided, and of one that is gone that nobody waits', () => {
    const decision = { verdict: 'deny', by: 'jo@desk', text: 'no\u001b[2J', at: 0, nonce: '' } as const
    expect(shownOf({ ...asked, decision }).at(-1)).toBe(
      'jo@desk denied it: no·[2J at 1970-01-01T00:00:00.000Z',
    )
    expect(shownOf(asked, undefined, false).at(-1)).toMatch(/^nobody waits for it any more/)
  })

  it('is of a question the question, with its choices', () => {
    const question = { kind: 'question' as const, question: 'Tea?\nNow?', choices: ['y', 'n'] }
    expect(shownOf({ ...asked, ...question }).slice(1)).toEqual([
      '  Tea?',
      '  Now?',
      '  1) y',
      '  2) n',
      '',
      'skein answer r1 3fa1c0de "…"',
      'skein deny r1 3fa1c0de --reason "…"',
    ])
  })

  it('steers no terminal, whichever part of it is made to', () => {
    const evil = 'x\u001b[2J\u009b31m\u202e\r'
    const lines = shownOf(
      { ...asked, reason: evil, decision: { verdict: 'approve', by: evil, text: evil, at: 0, nonce: '' } },
      {
        ...{ format: 1, input: whole(JSON.stringify({ [evil]: `${evil}\n${evil}`, b: [evil] })) },
        ...{ does: whole(evil), patch: whole(`+${evil}`), problem: evil },
      },
    )
    const question = { kind: 'question' as const, question: evil, choices: [evil] }
    const all = [...lines, ...shownOf({ ...asked, ...question }), ...inputLines(evil)]
    expect(all.filter((line) => /[\p{Cc}\p{Cf}]/u.test(line))).toEqual([])
    expect(lines).toHaveLength(15)
    const json = jsonLine({ evil })
    expect(json).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(JSON.parse(json)).toEqual({ evil })
  })
})

describe('the input of a call', () => {
  it('is a line for each field, and a text of several lines as it is written', () => {
    const input = {
      path: 'a b.js',
      text: 'one\n\ttwo',
      mode: null,
      'odd key': [],
      list: [1, { a: true, b: '2' }, 'x\ny'],
    }
    expect(inputLines(JSON.stringify(input))).toEqual([
      'path: "a b.js"',
      'text:',
      '  │ one',
      '  │ \ttwo',
      'mode: null',
      '"odd key": []',
      'list:',
      '  - 1',
      '  - a: true',
      '    b: "2"',
      '  -',
      '    │ x',
      '    │ y',
    ])
  })

  it('that was cut is shown as far as it goes', () => {
    expect(inputLines('{"a": "b\n … and 7 characters more')).toEqual(['{"a": "b', ' … and 7 characters more'])
  })
})
