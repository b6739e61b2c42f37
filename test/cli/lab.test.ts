import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { showFindings } from '../../cli/show/lab.ts'
import { inFolder, writeLabFiles } from '../../cli/show/lab-files.ts'
import type { Screen } from '../../cli/show/terminal.ts'
import { runLab } from '../../lab/lab.ts'
import { temporaryFolder } from '../flock/clerks.ts'
import { experimentOf } from '../lab/experiments.ts'
import { madeUp } from '../lab/report/made-up-results.ts'

const read = experimentOf('{ shape: chain, tasks: 2 }', 'topologies: [solo]')

describe('the files of a lab', () => {
  it('are a page, CSV and JSON in a folder that need not be there', async () => {
    const folder = join(await temporaryFolder(), 'new', 'folder')
    const paths = await writeLabFiles(folder, await runLab({ read }), [])
    expect(paths).toEqual(
      ['report.html', 'cells.csv', 'samples.csv', 'results.json'].map((name) => join(folder, name)),
    )
    for (const path of paths) expect(await readFile(path, 'utf8')).toContain('makespan')
  })

  it('are refused where the folder cannot be written, with what to do', async () => {
    const folder = join(await temporaryFolder(), 'taken')
    await mkdir(join(folder, 'report.html'), { recursive: true })
    const outcome = await runLab({ read })
    await expect(writeLabFiles(folder, outcome, [])).rejects.toMatchObject({
      code: 'cli.out',
      message: expect.stringMatching(/taken" cannot be written: EISDIR.*--out/),
    })
  })

  it('are refused before anything is run, where samples cannot be kept', async () => {
    const folder = join(await temporaryFolder(), 'a-file')
    await writeFile(folder, '')
    let ran = 0
    const lab = () => runLab({ read, samples: join(folder, 'samples.jsonl'), onSample: () => void ran++ })
    await expect(inFolder(folder, lab)).rejects.toMatchObject({ code: 'cli.out' })
    expect(ran).toBe(0)
  })

  it('leave other mistakes as they are', async () => {
    const other = Object.assign(new Error('not here'), { path: '/elsewhere' })
    await expect(inFolder('/results', () => Promise.reject(other))).rejects.toBe(other)
  })
})

describe('what came of a lab', () => {
  const shown = (topologies: readonly string[]) => {
    const { results, samples } = madeUp({ topologies, sizes: [4], seeds: 12 })
    const lines: string[] = []
    const page = { line: (text: string) => void lines.push(text), paint: (_: unknown, text: string) => text }
    showFindings(results, samples, [], page as Screen)
    return lines
  }

  it('is told by topologies that differ, and by how near theory came', () => {
    const lines = shown(['star', 'mesh'])
    expect(lines).toContain('makespan')
    expect(lines[lines.indexOf('theory and measurement') + 1]).toMatch(/^ {2}\S.* predicts .* of \d+ cells/)
  })

  it('has no heading with nothing below it where there is nothing to compare', () => {
    const lines = shown(['star'])
    expect(lines).not.toContain('makespan')
    expect(lines).toContain('theory and measurement')
  })
})
