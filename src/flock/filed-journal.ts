/**
 * The journal of a run among its files: a private server forgets it once the run is filed, and a bus in memory with its
 * process. Lines of JSON, the record of the run first, compressed by Brotli: each commit repeats most of the one before
 * it, further back than gzip looks (6.7 MB of 334 commits became 83 kB, by gzip 440 kB).
 *
 * It holds what was said in full, as the bus did, so nobody else on the machine may read it.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { InvalidError } from '../../protocols/errors.ts'
import type { RunId } from '../../protocols/ids.ts'
import type { RunHistory } from '../history/history.ts'
import { decodeRun, encodeRun } from '../run/run-record.ts'
import { decodeRecord, encodeRecord } from '../turn/record.ts'
import { readable } from './readable.ts'
import { runFolder } from './state-folder.ts'

const FILE = 'journal.jsonl.br'

const PARAMS = {
  [constants.BROTLI_PARAM_QUALITY]: 5,
  /** Bytes that it looks back, as a power of two: some 4 MB. */
  [constants.BROTLI_PARAM_LGWIN]: 22,
}
const [compress, decompress] = [promisify(brotliCompress), promisify(brotliDecompress)]
const NEWLINE = Uint8Array.of(0x0a)

/** Replaces what is there. @param folder the run's, which is there */
export async function fileJournal(
  folder: string,
  { run, journal }: Pick<RunHistory, 'run' | 'journal'>,
): Promise<void> {
  const lines = [encodeRun(run), ...journal.map(encodeRecord)].flatMap((line) => [line, NEWLINE])
  const file = join(folder, FILE)
  await writeFile(`${file}.draft`, await compress(Buffer.concat(lines), { params: PARAMS }), { mode: 0o600 })
  await rename(`${file}.draft`, file)
}

/**
 * Undefined where there is none: the run is not filed here, or was before journals were.
 * @throws InvalidError `invalid.journal`
 */
export async function readFiledJournal(stateDir: string, run: RunId): Promise<RunHistory | undefined> {
  const file = join(runFolder(stateDir, run), FILE)
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw invalid(file, error)
  })
  if (bytes === undefined) return undefined
  try {
    const [first, ...rest] = linesOf(await decompress(bytes))
    const journal = rest.flatMap((line) => readable(() => decodeRecord(line)))
    return { run: decodeRun(first!), journal, unreadable: rest.length - journal.length }
  } catch (cause) {
    throw invalid(file, cause as Error)
  }
}

function linesOf(bytes: Buffer): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start)
    lines.push(bytes.subarray(start, end < 0 ? bytes.length : end))
    start = end < 0 ? bytes.length : end + 1
  }
  return lines
}

const invalid = (file: string, cause: Error) =>
  new InvalidError(
    'journal',
    `"${file}" is no journal of a run: ${cause.message}. Remove it, or bring it back`,
    {
      cause,
    },
  )
