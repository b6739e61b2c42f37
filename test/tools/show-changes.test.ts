import { describe, expect, it } from 'vitest'
import { showChanges } from '../../src/tools/show-changes.ts'
import { aContext, type Files, storedTree } from './workspace.ts'

const BEFORE: Files = { 'a.js': 'one\n', 'b.js': 'two\n', 'c.js': 'six\n', 'same.js': 'same\n' }
const AFTER: Files = { 'a.js': 'ONE\n', 'c.js': 'SIX\n', 'd.js': 'four\n', 'same.js': 'same\n' }

async function shown(paths: string[] | null, options = {}) {
  const context = await aContext({ workspace: AFTER })
  const base = await storedTree(context.blobs, BEFORE)
  return (await showChanges(options).run({ paths }, { ...context, base })).output
}

describe('show_changes', () => {
  it('tells what was changed since the run began, and how', async () => {
    const { files, patch, notShown } = await shown(null)
    expect(files).toEqual([
      { path: 'a.js', change: 'changed' },
      { path: 'b.js', change: 'deleted' },
      { path: 'c.js', change: 'changed' },
      { path: 'd.js', change: 'added' },
    ])
    for (const line of ['-one', '+ONE', '-two', '+SIX', '+four']) expect(patch).toContain(line)
    expect(patch).not.toContain('same.js')
    expect(notShown).toEqual([])
  })

  it('names what had no room, and shows it when it is asked for', async () => {
    const limitChars = (await shown(['a.js'])).patch.length
    expect((await shown(null, { limitChars })).notShown).toEqual(['b.js', 'c.js', 'd.js'])
    expect((await shown(['c.js'], { limitChars })).patch).toContain('+SIX')
  })

  it('cuts a patch that is too long by itself, and says so', async () => {
    expect((await shown(['a.js'], { limitChars: 20 })).patch).toContain('the rest of a.js is left out')
  })

  it('says what was changed to whoever asks for a file that was not', async () => {
    await expect(shown(['same.js'])).rejects.toThrow('changed: a.js, b.js, c.js, d.js')
  })
})
