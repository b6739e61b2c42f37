/**
 * The script of a page: `browser/`, which the build puts into one file. It is found through the package's own
 * `imports`, so that it is the same file for the sources and for what was built from them.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { SkeinError } from '../../protocols/errors.ts'

/** @throws SkeinError `page.not-built` */
export function pageScript(): string {
  const path = createRequire(import.meta.url).resolve('#page-script')
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new SkeinError('page.not-built', `"${path}" is missing: call "npm run build"`, { cause })
  }
}
