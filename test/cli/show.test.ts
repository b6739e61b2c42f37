import { describe, expect, it } from 'vitest'
import { board } from '../../cli/show/board.ts'
import { happenings } from '../../cli/show/happening.ts'
import { showPrinted, withPrinted } from '../../cli/show/printed.ts'
import { createProgress } from '../../cli/show/progress.ts'
import { oneLine, type Screen } from '../../cli/show/terminal.ts'
import { peerId, roleName, runId } from '../../protocols/ids.ts'
import type { Printed } from '../../protocols/progress.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { COMMITS, commit, SENT_BACK, STARTED_AT } from './commits.ts'

function viewOf(...commits: readonly ConversationRecord[]) {
  const progress = createProgress()
  progress.expect([{ peer: peerId('coder-2'), role: roleName('coder') }])
  for (const one of commits) progress.take(one)
  return progress.view()
}

const stateOf = (name: string, ...commits: readonly ConversationRecord[]) =>
  viewOf(...commits).tasks.find((task) => task.name === name)

describe('the progress of a run', () => {
  it('has a task for each request, and none for a question', () => {
    expect(viewOf(...COMMITS).tasks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'goal done',
      'look done',
      'fix waiting',
      'review open',
    ])
  })

  it('says what each peer does, those who have done nothing included', () => {
    const { peers } = viewOf(...COMMITS.slice(0, 5))
    expect(peers.map(({ peer, state, doing }) => `${peer} ${state} ${doing}`.trim())).toEqual([
      'coder-1 idle',
      'coder-2 idle',
      'planner-1 idle',
      'researcher-1 working search_documents',
    ])
    const asking = viewOf(...COMMITS).peers.find(({ peer }) => peer === 'coder-1')
    expect(asking).toMatchObject({ state: 'waiting', doing: 'waits for researcher', conversation: 'fix' })
  })

  it('counts each message once, and all tokens', () => {
    const again = COMMITS.slice(0, 3)
    expect(viewOf(...COMMITS.slice(0, 3), ...again)).toMatchObject({ messages: 4 })
    expect(viewOf(...COMMITS.slice(0, 2)).tokens).toBe(1_200)
  })

  it('opens a task again that was sent back, and says why', () => {
    const done = commit({ by: 'coder-1/fix', at: 7 })
    expect(stateOf('fix', ...COMMITS, done)).toMatchObject({ state: 'done', rounds: 0 })
    expect(stateOf('fix', ...COMMITS, done, SENT_BACK)).toMatchObject({
      state: 'open',
      rounds: 1,
      note: 'round 1: fix > works',
    })
  })

  it('fails a task that was given up', () => {
    const body = { kind: 'error', reason: 'too hard' }
    const says = [{ type: 'failure', body, to: 'reviewer/review', answers: true }]
    expect(stateOf('fix', ...COMMITS, commit({ by: 'coder-1/fix', at: 9, says }))).toMatchObject({
      state: 'failed',
      note: 'error: too hard',
    })
    const broken = commit({ by: 'coder-1/fix', at: 9, problem: 'the machine threw' })
    expect(stateOf('fix', ...COMMITS, broken)).toMatchObject({ state: 'failed', note: 'the machine threw' })
  })
})

describe('a model that fails and is asked again', () => {
  const fault = { code: 'model.unavailable', message: 'it is\noverloaded', pause: 8 }
  const failing = commit({ by: 'coder-1/fix', at: 6, owes: true, fault })

  it('is told, with when that is', () => {
    expect(happenings(failing).map(({ text }) => text)).toEqual([
      'asks its model again in 8.00 s, model.unavailable: it is overloaded',
    ])
    const given = commit({ by: 'coder-1/fix', at: 6, fault, problem: 'too often' })
    expect(happenings(given)).toEqual([])
  })

  it('stands beside its peer and its task until it is asked', () => {
    const view = viewOf(...COMMITS, failing)
    expect(view.peers.find(({ peer }) => peer === 'coder-1')).toMatchObject({
      ...{ state: 'waiting', doing: 'waits for its model', conversation: 'fix' },
    })
    expect(stateOf('fix', ...COMMITS, failing)).toMatchObject({ state: 'waiting', note: 'it is\noverloaded' })
    const asked = commit({ by: 'coder-1/fix', at: 14, owes: true, does: 'chat' })
    expect(stateOf('fix', ...COMMITS, failing, asked)).toMatchObject({ state: 'working', note: '' })
  })
})

describe('plain lines', () => {
  it('tell what happened, an answer to many once', () => {
    const lines = [...COMMITS, SENT_BACK].flatMap(happenings)
    expect(lines.map(({ peer, text }) => `${peer} ${text}`)).toEqual([
      'origin hands goal to planner: Mend it',
      'planner-1 takes goal',
      'planner-1 hands look to researcher: find it',
      'planner-1 hands fix to coder: mend it',
      'planner-1 hands review to reviewer: 1 task to review',
      'coder-1 takes fix',
      'researcher-1 takes look',
      'researcher-1 delivers look: found',
      'coder-1 asks researcher: how?',
      'reviewer-1 sends fix back, round 1: fix > works',
    ])
  })
})

describe('the board', () => {
  const plain = { paint: (_: unknown, text: string) => text, width: () => 80, height: () => 24 }
  const around = { run: 'r-1', goal: 'Mend it', model: 'offline', startedAt: STARTED_AT, over: false }

  it('fits a run on a screen', () => {
    const view = viewOf(...COMMITS, SENT_BACK)
    expect(board(view, { ...around, now: STARTED_AT + 65_000 }, plain)).toMatchInlineSnapshot(`
      [
        "skein  r-1   1:05   model offline",
        "Mend it",
        "",
        "  coder-1        waits for researcher fix",
        "  coder-2        ·",
        "  planner-1      ·",
        "  researcher-1   ·",
        "  reviewer-1     waits for coder      review",
        "",
        "  ✓ goal      Mend it                                    planner-1       1.00 s",
        "  ✓ look      find it                                    researcher-1    1.00 s",
        "  · fix       ↻1 round 1: fix > works                    coder-1",
        "  ○ review    1 task to review                           reviewer-1",
        "",
        "2 of 4 tasks · 8 messages · Ctrl-C stops the run",
      ]
    `)
  })

  it('leaves out what is dullest where there is no room for all', () => {
    const says = Array.from({ length: 30 }, (_, index) => ({
      type: 'task.request',
      body: { title: 'one of many' },
      to: `coder/task-${index}`,
      wants: 'elsewhere' as const,
    }))
    const view = viewOf(
      ...COMMITS.slice(0, 2),
      commit({ by: 'planner-1/goal', at: 2, says }),
      commit({ by: 'coder-1/task-29', turn: 1, at: 3, does: 'chat', owes: true }),
    )
    const lines = board(view, { ...around, now: STARTED_AT }, plain)
    expect(lines.length).toBeLessThan(24)
    expect(lines.join('\n')).toContain('task-29')
    expect(lines.join('\n')).toMatch(/⋮ \d+ more/)
  })

  it('is not steered by what a message says', () => {
    expect(oneLine('a\u001b[2Jb\nc')).toBe('a·[2Jb c')
  })
})

describe('what a command prints', () => {
  const printed: Printed = {
    ...{ run: runId('r1'), peer: peerId('coder-1'), role: roleName('coder'), conversation: 'task' },
    ...{ tool: 'run_tests', text: '', left: 0 },
  }
  const wide = { paint: (_: unknown, text: string) => text, width: () => 100 } as Screen

  it('is shown as its last lines, without colours and what was written over', () => {
    const text = 'one\ntwo\n\n\u001b[32mthree\u001b[0m\n10 %\r99 %\r100 %\n'
    expect(showPrinted({ ...printed, text }, wide)).toEqual([
      '         coder-1       run_tests │ two',
      '         coder-1       run_tests │ three',
      '         coder-1       run_tests │ 100 %',
    ])
  })

  it('stands beside what its peer does on the board, until the peer does another thing', () => {
    const peer = { peer: printed.peer, role: printed.role, state: 'working' as const, conversation: 'task' }
    const view = (doing: string) => ({
      tasks: [],
      waits: [],
      peers: [{ ...peer, doing }],
      messages: 0,
      tokens: 0,
    })
    const printing = new Map([['coder-1 run_tests', 'ok 12']])
    expect(withPrinted(view('run_tests'), printing).peers[0]!.conversation).toBe('task │ ok 12')
    expect(withPrinted(view('thinks'), printing).peers[0]!.conversation).toBe('task')
    expect(withPrinted(view('run_tests'), printing).peers[0]!.conversation).toBe('task')
  })
})
