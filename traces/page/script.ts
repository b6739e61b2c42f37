/**
 * The script of a page: `browser/`, which the build puts into one file. It is found through the package's own
 * `imports`, so that it is the same file for the sources and for what was built from them.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { SkeinError } from '../../protocols/errors.ts'

/**
 * `from` is a module of the package whose script it is.
 * @throws SkeinError `page.not-built`
 */
export function pageScript(from: string | URL = import.meta.url): string {
  try {
    return readFileSync(createRequire(from).resolve('#page-script'), 'utf8')
  } catch (cause) {
    const what = 'the script of the page, "#page-script" in package.json, is missing'
    throw new SkeinError('page.not-built', `${what}: call "npm run build"`, { cause })
  }
}
