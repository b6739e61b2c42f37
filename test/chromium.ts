/**
 * A headless Chromium, where there is one: `CHROMIUM` names it, else it is looked for on `PATH`. It is driven by flags
 * alone, which is why a page can be opened at any view and span by its address.
 */
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome']
/** Of one start, on a busy machine. */
const START_MS = 60_000
/** Time that the page believes to have passed before it is read. */
const VIRTUAL_MS = 3_000

export const chromium: string | undefined =
  process.env.CHROMIUM ??
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable)

export const WHY_SKIPPED = 'there is no Chromium: let CHROMIUM name one'

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The document as it is once its script has run. `profile` is a folder that it may fill. */
export async function openedIn(profile: string, file: string, hash = ''): Promise<string> {
  return (await visitedIn(profile, file, hash)).dom
}

/** The same, with what pages said on the console, a policy that was broken among it. */
export async function visitedIn(profile: string, file: string, hash = '') {
  const { stdout, stderr } = await promisify(execFile)(
    chromium!,
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr'],
      ...['--window-size=1280,800', `--user-data-dir=${profile}`],
      ...[`--virtual-time-budget=${VIRTUAL_MS}`, '--dump-dom', `${pathToFileURL(file)}#${hash}`],
    ],
    { timeout: START_MS, maxBuffer: 64 * 1024 * 1024 },
  )
  return { dom: stdout, said: stderr.split('\n').filter((line) => /:CONSOLE[:(]/.test(line)) }
}
