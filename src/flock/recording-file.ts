/**
 * Files of recordings. They hold prompts, answers and files of the workspace, so they are for their owner's eyes only
 * (mode 0600); what is in them is not redacted.
 */
import { access, chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { decodeRecording, encodeRecording, type Recording } from '../recording/recording.ts'
import { RecordingError } from '../recording/recording-error.ts'

/** Where a run is recorded to. */
export type RecordTo = {
  readonly file: string
  /** Takes the place of a file that is there. */
  readonly force?: boolean
  /** Version of skein, for people. */
  readonly skein?: string
}

/** @throws RecordingError `recording.exists`, `recording.folder`: before a run, not after it */
export async function assureRecordable({ file, force = false }: RecordTo): Promise<void> {
  const path = resolve(file)
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere && !force)
    throw new RecordingError('exists', `"${file}" is there already: name another file, or take --force`)
  const folder = await stat(dirname(path)).catch(() => undefined)
  if (!folder?.isDirectory())
    throw new RecordingError('folder', `"${dirname(path)}" is no folder: make it before the run is recorded`)
}

/** As a whole or not at all. */
export async function writeRecording(recording: Recording, { file }: RecordTo): Promise<string> {
  const path = resolve(file)
  const draft = `${path}.draft`
  await rm(draft, { force: true })
  try {
    await writeFile(draft, encodeRecording(recording), { mode: 0o600 })
    await chmod(draft, 0o600) // whatever the umask
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw new RecordingError('unwritable', `"${file}" cannot be written: ${(cause as Error).message}`, {
      cause,
    })
  }
  return path
}

/** @throws RecordingError `recording.unreadable`, `recording.invalid` */
export async function readRecording(file: string): Promise<Recording> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new RecordingError('unreadable', `"${file}" cannot be read: ${cause.message}`, { cause })
  })
  return decodeRecording(text, `"${file}"`)
}
