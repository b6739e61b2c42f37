/** What was removed, in a line: `removed 3 runs, 41 records, 120 blobs (3.4 MB)`. */
import type { Cleaned } from '../../src/flock/clean.ts'

export type Tidied = Cleaned & {
  /** Folders of the state folder. */
  readonly files: readonly string[]
}

export const isNothing = ({ records, messages, deadLetters, blobs, files }: Tidied): boolean =>
  records + messages + deadLetters + blobs + files.length === 0

export function cleanedLine(tidied: Tidied, dryRun: boolean): string {
  if (isNothing(tidied)) return 'nothing to remove'
  const { runs, records, messages, deadLetters, blobs, bytes, files } = tidied
  const counted = (count: number, what: string, more = '') =>
    count === 0 ? [] : [`${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}${more}`]
  const parts = [
    ...counted(runs.length, 'run'),
    ...counted(records, 'record'),
    ...counted(messages, 'message'),
    ...counted(deadLetters, 'dead letter'),
    ...counted(blobs, 'blob', ` (${sizeText(bytes)})`),
    ...counted(files.length, 'folder', ' of files'),
  ]
  return `${dryRun ? 'would remove' : 'removed'} ${parts.join(', ')}`
}

const UNITS = ['kB', 'MB', 'GB', 'TB']

/** `512 B`, `3.4 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const power = Math.min(UNITS.length, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1_000 ** power).toFixed(1)} ${UNITS[power - 1]}`
}
