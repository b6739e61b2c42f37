import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { BlobHash } from '../../protocols/ids.ts'
import type { RunResult } from '../../protocols/run.ts'
import { fileRun } from '../../src/flock/file-run.ts'
import { initialiseHead } from '../../src/tools/head.ts'
import { patchBetween } from '../../src/tools/patch.ts'
import { encodeText } from '../../src/tools/text.ts'
import { readTree } from '../../src/tools/tree.ts'
import { dispatcher, flock, runner } from '../run/flock.ts'
import { aBus, type Files, storedTree } from '../tools/workspace.ts'
import { temporaryFolder } from './clerks.ts'

const BEFORE = { 'src/a.js': 'old\n' }

type Ended = {
  /** What was merged into the head of the run, by its agents. */
  readonly merged?: Files
  readonly outcome?: 'completed' | 'failed'
  readonly answer: (tree: BlobHash, patch: BlobHash) => { readonly type: string; readonly body: unknown }
}

const result = (tree: BlobHash | null, patch: BlobHash | null): ReturnType<Ended['answer']> => {
  const body: RunResult = { outcome: 'completed', reason: 'all is well', tree, patch, report: null }
  return { type: 'run.result', body }
}

/** The report of a run that was given a workspace and made this of it. */
async function filed(after: Files, { merged, outcome, answer }: Ended = { answer: result }) {
  const { host, start, settled } = flock()
  await host('one', [{ role: dispatcher }, { role: runner }])
  const { record, journal } = await settled(start())
  const bus = aBus()
  const [base, tree] = [await storedTree(bus.blobs, BEFORE), await storedTree(bus.blobs, after)]
  const patch = await patchBetween(
    bus.blobs,
    await readTree(bus.blobs, base),
    await readTree(bus.blobs, tree),
  )
  if (merged !== undefined) await initialiseHead(bus.records, record.run, await storedTree(bus.blobs, merged))
  const output = { kind: 'answer', ...answer(tree, await bus.blobs.put(encodeText(patch.text))) } as const
  return fileRun({
    stateDir: await temporaryFolder(),
    end: {
      record: { ...record, base, workspace: '/somewhere', ...(outcome && { outcome }) },
      output: output as never,
      journal,
    },
    ...{ bus, sampled: false, around: { peers: [], model: 'offline', bus: 'memory', logs: null } },
  })
}

describe('the files of a run', () => {
  it('have the patch of what it changed, and what it takes to apply it', async () => {
    const { patch, change } = await filed({ 'src/a.js': 'new\n' })
    expect(await readFile(patch!, 'utf8')).toContain('-old\n+new\n')
    expect(change).not.toBeNull()
  })

  it('have no patch where nothing was changed', async () => {
    expect(await filed(BEFORE)).toMatchObject({ patch: null, change: null })
  })

  const MERGED = { 'src/a.js': 'merged\n' }
  const said = () => ({ type: 'question.answer', body: {} })

  it('have the patch of what was merged, where the answer has none', async () => {
    for (const answer of [said, (tree: BlobHash) => result(tree, null)]) {
      const report = await filed(MERGED, { merged: MERGED, outcome: 'completed', answer })
      expect(await readFile(report.patch!, 'utf8')).toContain('-old\n+merged\n')
      expect(report).toMatchObject({ change: expect.any(String), partial: false })
    }
  })

  it('call it partial, where the run did not complete', async () => {
    const report = await filed(BEFORE, { merged: MERGED, outcome: 'failed', answer: said })
    expect(await readFile(report.patch!, 'utf8')).toContain('+merged\n')
    expect(report.partial).toBe(true)
  })

  it('have none where nothing was merged', async () => {
    const report = await filed({}, { merged: BEFORE, outcome: 'failed', answer: said })
    expect(report).toMatchObject({ patch: null, change: null, partial: false })
  })
})
