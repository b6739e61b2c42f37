/** A folder for tools to work in: made when the first one asks for it, and removed with the mesh. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Scratch {
  path(): string
  remove(): Promise<void>
}

export function createScratch(): Scratch {
  let folder: string | undefined
  return {
    path() {
      folder ??= mkdtempSync(join(tmpdir(), 'skein-testing-'))
      return folder
    },
    async remove() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
