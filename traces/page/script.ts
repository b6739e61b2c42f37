/**
 * The scripts of pages: each a folder `browser/`, which the build puts into one file. They are found through the
 * package's own `imports`, so that they are the same files for the sources and for what was built from them.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { SkeinError } from '../../protocols/errors.ts'

/** The script of the page of a run. `from` is a module of the package whose script it is. */
export const pageScript = (from: string | URL = import.meta.url): string => builtScript('#page-script', from)

/**
 * `name` is one of `imports` in package.json.
 * @throws SkeinError `page.not-built`
 */
export function builtScript(name: `#${string}-script`, from: string | URL = import.meta.url): string {
  try {
    return readFileSync(createRequire(from).resolve(name), 'utf8')
  } catch (cause) {
    const what = `the script of the page, "${name}" in package.json, is missing`
    throw new SkeinError('page.not-built', `${what}: call "npm run build"`, { cause })
  }
}
