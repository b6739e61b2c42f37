import { describe, expect, it } from 'vitest'
import { failedVerification } from '../../../traces/diagnose/failed-verification.ts'
import { noVerification } from '../../../traces/diagnose/no-verification.ts'
import { type Actor, script } from './script.ts'

/** A coder changes a workspace, and whoever planned it hands the result over. */
function job(
  code: (coder: Actor) => void,
  options: { review?: (planner: Actor) => void; outcome?: string } = {},
) {
  const play = script()
  const planner = play.opens(play.goal)
  const task = planner.send('task.request', { to: ['coder', 'code'], awaits: true })
  const coder = play.opens(task)
  code(coder)
  planner.takes(coder.send('task.result', { answers: task }))
  options.review?.(planner)
  play.origin.takes(planner.send('run.result', { answers: play.goal }))
  play.over(options.outcome ?? 'completed')
  return play.story()
}

const edit = (coder: Actor, from: string, to: string) =>
  coder.tool('edit', { in: to, before: from, tree: to })
const test = (actor: Actor, tree: string, check: 'passed' | 'failed', input = 'all') =>
  actor.tool('test', { in: input, before: tree, check })

describe('no verification', () => {
  it('is a workspace that was changed and never checked', () => {
    const found = noVerification.detect(job((coder) => void edit(coder, 't0', 't1')))
    expect(found).toMatchObject([{ severity: 'warning' }])
    expect(found[0]!.seen).toContain('no check was made')
  })

  it('is a workspace that was changed after its last check', () => {
    const found = noVerification.detect(
      job((coder) => void edit(test(edit(coder, 't0', 't1'), 't1', 'passed'), 't1', 't2')),
    )
    expect(found).toHaveLength(1)
    expect(found[0]!.seen).toContain('the last check that passed, "test", was made before that')
  })

  it('is none where the tree that was handed over was checked, by whomever', () => {
    const own = job((coder) => void test(edit(coder, 't0', 't1'), 't1', 'passed'))
    expect(noVerification.detect(own)).toEqual([])
    const reviewed = job((coder) => void edit(coder, 't0', 't1'), {
      review: (planner) => void test(planner, 't1', 'passed'),
    })
    expect(noVerification.detect(reviewed)).toEqual([])
    const merged = job(
      (coder) => void edit(coder, 't0', 't1').tool('merge', { before: 't1', tree: 't2', check: 'passed' }),
    )
    expect(noVerification.detect(merged)).toEqual([])
  })

  it('is none where nothing was changed, there is no workspace, or the run does not claim to be done', () => {
    expect(noVerification.detect(job((coder) => void coder.tool('read', { before: 't0' })))).toEqual([])
    expect(noVerification.detect(job((coder) => void coder.tool('search')))).toEqual([])
    expect(
      noVerification.detect(job((coder) => void edit(coder, 't0', 't1'), { outcome: 'unsatisfied' })),
    ).toEqual([])
  })

  it('is none over what was tried and given up: only what is handed over counts', () => {
    const story = job((coder) => {
      edit(test(edit(coder, 't0', 't1'), 't1', 'failed'), 't1', 't2')
      test(edit(coder, 't2', 't3'), 't3', 'passed')
    })
    expect(noVerification.detect(story)).toEqual([])
    expect(failedVerification.detect(story)).toEqual([])
  })
})

/** A publisher gathers the work of two and hands it over without any of its own. */
function gathered(
  authors: readonly ((author: Actor) => void)[],
  options: { bodies?: readonly string[]; inTurn?: boolean } = {},
) {
  const play = script('publisher')
  const publisher = play.opens(play.goal)
  const { bodies = ['one', 'two'], inTurn = false } = options
  const asked = (index: number) =>
    publisher.send('task.request', { to: ['author', `a${index}`], body: bodies[index]!, awaits: true })
  const tasks = inTurn ? [] : authors.map((_, index) => asked(index))
  for (const [index, write] of authors.entries()) {
    const task = tasks[index] ?? asked(index)
    const author = play.opens(task, `author-${index}`)
    write(author)
    publisher.takes(author.send('task.result', { answers: task }))
  }
  play.origin.takes(publisher.send('run.result', { answers: play.goal }))
  play.over('completed')
  return play.story()
}

describe('verification of what was gathered', () => {
  const touched = (author: Actor) => void edit(test(edit(author, 't0', 't1'), 't1', 'passed'), 't1', 't2')
  const careful = (author: Actor) => void test(edit(author, 't0', 't5'), 't5', 'passed')
  const failing = (author: Actor) => void test(edit(author, 't0', 't6'), 't6', 'failed')

  it('is of each part: a check of one, though it is later, says nothing of another', () => {
    for (const authors of [
      [touched, careful],
      [careful, touched],
    ]) {
      const found = noVerification.detect(gathered(authors))
      expect(found).toHaveLength(1)
      expect(found[0]!.seen).toContain(`author-${authors.indexOf(touched)}`)
      expect(found[0]!.nodes.filter(({ span }) => span.attributes['skein.peer'] === 'author-2')).toEqual([])
    }
    expect(noVerification.detect(gathered([careful, careful]))).toEqual([])
    expect(failedVerification.detect(gathered([failing, careful]))).toHaveLength(1)
  })

  it('is not of work for which other work was asked, in its place or at the same time', () => {
    const inTurn = { inTurn: true }
    const same = { bodies: ['one', 'one'] }
    for (const options of [inTurn, same]) {
      expect(noVerification.detect(gathered([touched, careful], options))).toEqual([])
      expect(failedVerification.detect(gathered([failing, careful], options))).toEqual([])
    }
  })

  it('is not of a part that another one was made from', () => {
    const onward = (author: Actor) => void test(edit(author, 't2', 't3'), 't3', 'passed')
    expect(noVerification.detect(gathered([touched, onward]))).toEqual([])
  })
})

describe('failed verification', () => {
  it('is a run that completed on a check that failed', () => {
    const story = job((coder) => void test(edit(coder, 't0', 't1'), 't1', 'failed'))
    expect(failedVerification.detect(story)).toMatchObject([{ severity: 'error' }])
    expect(noVerification.detect(story)).toEqual([])
  })

  it('is none where the run says that it is not satisfied', () => {
    const story = job((coder) => void test(edit(coder, 't0', 't1'), 't1', 'failed'), {
      outcome: 'unsatisfied',
    })
    expect(failedVerification.detect(story)).toEqual([])
  })

  it('is none where the check passed when it was made again', () => {
    const story = job((coder) => void test(test(edit(coder, 't0', 't1'), 't1', 'failed'), 't1', 'passed'))
    expect(failedVerification.detect(story)).toEqual([])
  })

  it('is worth a note where a narrower check passed after the wider one had failed', () => {
    const story = job(
      (coder) => void test(test(edit(coder, 't0', 't1'), 't1', 'failed'), 't1', 'passed', 'one'),
    )
    expect(failedVerification.detect(story)).toMatchObject([{ severity: 'note' }])
  })

  it('is an answer on a failed check where there is no workspace', () => {
    const check = (verdict: 'passed' | 'failed') =>
      job((coder) => void coder.tool('prove', { check: verdict }))
    expect(failedVerification.detect(check('failed'))).toMatchObject([{ severity: 'error' }])
    expect(failedVerification.detect(check('passed'))).toEqual([])
  })
})
