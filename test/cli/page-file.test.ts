import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writePage } from '../../cli/show/page-file.ts'
import { runId } from '../../protocols/ids.ts'
import { reportFile } from '../../src/flock/run-report.ts'
import { SKEIN } from '../../traces/names.ts'
import { temporaryFolder } from '../flock/clerks.ts'
import { sampleRun } from '../traces/sample-run.ts'
import { aReport } from './reports.ts'

const RUN = 'mend-login'

async function fileReport(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, JSON.stringify(aReport({ run: RUN, goal: 'Mend the login' })))
}

const titleIn = async (file: string) => /<title>([^<]*)/.exec(await readFile(file, 'utf8'))?.[1]

describe('the page of a run as a file', () => {
  it('is called what the run was asked for, where its report is here', async () => {
    const stateDir = await temporaryFolder()
    await fileReport(reportFile(stateDir, runId(RUN)))
    const file = join(stateDir, 'run.html')
    await writePage(file, sampleRun(), stateDir)
    expect(await titleIn(file)).toBe('Mend the login · skein')
  })

  it('is called after the run, where it is from elsewhere', async () => {
    const stateDir = await temporaryFolder()
    const file = join(stateDir, 'run.html')
    await writePage(file, sampleRun(), stateDir)
    expect(await titleIn(file)).toBe('mend-login · skein')
  })

  it('looks for no report outside of the state folder, whatever the trace calls its run', async () => {
    const stateDir = await temporaryFolder()
    await fileReport(join(stateDir, 'elsewhere', 'run.json'))
    const strange = sampleRun().map((span) => ({
      ...span,
      attributes: { ...span.attributes, [SKEIN.run]: '../elsewhere' },
    }))
    const file = join(stateDir, 'run.html')
    await writePage(file, strange, stateDir)
    expect(await titleIn(file)).toBe('../elsewhere · skein')
  })

  it.each([
    ['is a directory', /is a directory: name a file in it/, ''],
    ['lies in a folder that is not there', /ENOENT/, 'nowhere/run.html'],
  ])('is refused where its path %s', async (_, message, path) => {
    const folder = await temporaryFolder()
    await expect(writePage(join(folder, path), sampleRun(), folder)).rejects.toMatchObject({
      code: 'cli.html',
      message: expect.stringMatching(message),
    })
  })
})
