/** What every good run is: one tree, at its end as it should be, with nothing due that did not happen. */
import { expect } from 'vitest'
import { storyOf } from '../../../traces/read/story.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import type { GoodRun } from './good-run.ts'

export function expectGood({ spans, due }: GoodRun, which: string): void {
  const tree = traceTree(spans)
  const story = storyOf(tree)
  expect({ roots: tree.roots.length, orphans: tree.orphans }, which).toEqual({ roots: 1, orphans: [] })
  expect(['completed', 'unsatisfied'], which).toContain(story.over?.outcome)
  if (story.takeovers.length === 0) expect(due, which).toEqual([])
  // Everybody who was asked has answered, one way or another.
  const answered = new Set(story.messages.map(({ answers }) => answers))
  expect(
    story.messages.filter(({ id, awaits }) => awaits && !answered.has(id)),
    which,
  ).toEqual([])
}
