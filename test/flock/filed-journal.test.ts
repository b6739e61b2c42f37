import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fileRun } from '../../src/flock/file-run.ts'
import { readFiledJournal } from '../../src/flock/filed-journal.ts'
import { runFolder } from '../../src/flock/state-folder.ts'
import { tidy } from '../../src/flock/tidy.ts'
import { readHistory } from '../../src/history/history.ts'
import { dispatcher, flock, run, runner } from '../run/flock.ts'
import { temporaryFolder } from './clerks.ts'

/** A run that is over and filed, and what the bus had of it. */
async function filed() {
  const { host, start, settled, submitter } = flock()
  await host('one', [{ role: dispatcher }, { role: runner }])
  const end = await settled(start())
  const { ports } = submitter
  const onBus = await settled(readHistory(ports.bus, run))
  const stateDir = await temporaryFolder()
  const around = { peers: [], model: 'offline', bus: 'memory' as const, logs: null }
  await fileRun({ stateDir, end, bus: ports.bus, sampled: false, around })
  await settled(tidy(ports, run))
  return { stateDir, onBus, file: join(runFolder(stateDir, run), 'journal.jsonl.br') }
}

describe('the journal among the files of a run', () => {
  it('is all that the bus had, also once the bus has forgotten it', async () => {
    const { stateDir, onBus } = await filed()
    expect(onBus.journal.length).toBeGreaterThan(40)
    expect(await readFiledJournal(stateDir, run)).toEqual(onBus)
  })

  it('says how many of its records another version wrote', async () => {
    const { stateDir, file } = await filed()
    const text = brotliDecompressSync(await readFile(file)).toString()
    await writeFile(file, brotliCompressSync(`${text}{"format":2}\n`))
    expect(await readFiledJournal(stateDir, run)).toMatchObject({ unreadable: 1 })
  })

  it('is none where the run is not filed, and an error where it is broken', async () => {
    expect(await readFiledJournal(await temporaryFolder(), run)).toBeUndefined()
    const { stateDir, file } = await filed()
    await writeFile(file, 'no journal')
    await expect(readFiledJournal(stateDir, run)).rejects.toMatchObject({ code: 'invalid.journal' })
  })
})
