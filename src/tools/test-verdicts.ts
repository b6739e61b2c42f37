/**
 * What the events of a test run say of each test. Only what has a verdict of its own is named: not a suite, nor a
 * test that failed merely because one inside it did.
 */
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TestEvent } from './test-reporter.ts'

export type TestFailure = {
  /** The names of the test and of what it is nested in, joined by ` > `; of a file that did not load, its path. */
  readonly name: string
  /** Relative to the workspace, with `/`. */
  readonly file?: string
  readonly error: string
  /** Paths in it are relative to the workspace. */
  readonly stack?: string
}

export type TestVerdicts = {
  readonly passed: readonly string[]
  readonly failed: readonly TestFailure[]
  readonly skipped: readonly string[]
  /** What was begun and not ended: tests, or a file of which no more is known. */
  readonly unfinished: readonly Named[]
}

type Named = { readonly name: string; readonly file: string }

/**
 * @param directory the workspace, with every link resolved, as it is in the events
 * @param cutOff the run was ended from outside, so a file that a signal ended was only still running
 */
export function verdictsOf(events: readonly TestEvent[], directory: string, cutOff = false): TestVerdicts {
  const passed: string[] = []
  const failed: TestFailure[] = []
  const skipped: string[] = []
  const running = new Map<string, Named>()
  const printed = new Map<string, string>()
  // The runner tells what it does as it does it, and what came of it in the order of the files.
  const doing = fullNames()
  const telling = fullNames()
  const local = (path: string) => relative(directory, resolve(directory, path))
  const localised = (text: string) =>
    text.replaceAll(`${pathToFileURL(directory)}/`, '').replaceAll(`${directory}/`, '')

  for (const event of events) {
    const file = local(event.file)
    // Each file is a test as well, named by its path, which some versions of Node write in full.
    const isFile = event.nesting === 0 && local(event.name) === file
    const test = { ...event, file, name: isFile ? file : event.name }
    switch (event.type) {
      case 'test:dequeue':
        running.set(keyOf(test), { name: doing(test), file })
        break
      case 'test:complete':
        running.delete(keyOf(test))
        break
      case 'test:start':
        telling(test)
        break
      case 'test:pass': {
        const name = telling(test)
        if (event.skipped) skipped.push(name)
        else if (!event.suite && !isFile) passed.push(name)
        break
      }
      case 'test:fail': {
        const name = telling(test)
        if (event.skipped) skipped.push(name)
        else if (isFile && cutOff && event.signal) running.set(keyOf(test), { name, file })
        else if (isFile) failed.push({ name, file, ...loadError(localised(printed.get(file) ?? ''), event) })
        else if (event.failureType !== 'subtestsFailed') {
          const stack = event.stack && localised(event.stack)
          failed.push({ name, file, error: localised(event.error ?? 'failed'), ...(stack && { stack }) })
        }
        break
      }
      case 'test:stderr':
        printed.set(file, (printed.get(file) ?? '') + (event.text ?? ''))
        break
      case 'test:interrupted': // what follows are consequences of being ended
        return { passed, failed, skipped, unfinished: innermost([...running.values()]) }
    }
  }
  return { passed, failed, skipped, unfinished: innermost([...running.values()]) }
}

/** Tells a test from others also where several run at a time, and what encloses it cannot be told by the order. */
const keyOf = ({ file, at, name }: TestEvent): string => `${file}:${at}:${name}`

/** Full names from names and depths: in each file, an event lies under the last one that was less deep. */
function fullNames(): (test: { file: string; name: string; nesting: number }) => string {
  const paths = new Map<string, readonly string[]>()
  return ({ file, name, nesting }) => {
    const path = [...(paths.get(file) ?? []).slice(0, nesting), name]
    paths.set(file, path)
    return path.join(' > ')
  }
}

/** Why a file ended before its tests were told: the error that it died of is the last one that it printed. */
function loadError(printed: string, event: TestEvent): { error: string; stack?: string } {
  const found = [...printed.matchAll(/^\w*Error\b.*$/gm)].at(-1)
  return found === undefined
    ? { error: event.error ?? 'it did not run', ...(printed && { stack: printed }) }
    : { error: found[0], stack: printed.slice(found.index) }
}

/** Without what only waits for something inside it. */
const innermost = (running: readonly Named[]): Named[] =>
  running.filter(
    ({ name, file }) =>
      !running.some(
        (other) =>
          other.file === file &&
          other.name !== name &&
          (name === file || other.name.startsWith(`${name} > `)),
      ),
  )
