import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../protocols/run.ts'
import { fileRun } from '../../src/flock/file-run.ts'
import { patchBetween } from '../../src/tools/patch.ts'
import { encodeText } from '../../src/tools/text.ts'
import { readTree } from '../../src/tools/tree.ts'
import { dispatcher, flock, runner } from '../run/flock.ts'
import { aBus, type Files, storedTree } from '../tools/workspace.ts'
import { temporaryFolder } from './clerks.ts'

const BEFORE = { 'src/a.js': 'old\n' }

/** The report of a run that was given a workspace and made this of it. */
async function filed(after: Files) {
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
  const body: RunResult = {
    ...{ outcome: 'completed', reason: 'all is well', tree, report: null },
    patch: await bus.blobs.put(encodeText(patch.text)),
  }
  return fileRun({
    stateDir: await temporaryFolder(),
    end: {
      record: { ...record, base, workspace: '/somewhere' },
      output: { kind: 'answer', type: 'run.result', body } as never,
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
})
