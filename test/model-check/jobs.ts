/**
 * The jobs that a real model is tried on: small ones, each with the most that it may use and how long it may take, and
 * with tests that its agents do not see or may not keep.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ROOT } from '../root.ts'

/** Text by path. */
type Files = Readonly<Record<string, string>>

export type CheckJob = {
  readonly name: string
  /** What it tries, for people. */
  readonly tries: string
  readonly goal: string
  /** Tokens, in and out, of the whole run. */
  readonly tokens: number
  readonly timeoutMs: number
  /** All that its result may change. */
  readonly files: readonly string[]
  /** The workspace as it is before any work. */
  workspace(): Promise<Files>
  /** Tests that judge what comes of it: written over what the agents left. */
  acceptance(): Promise<Files>
}

const MINUTE_MS = 60_000
const TINY = 'test/fixtures/workspaces/tiny'
const TEXTKIT = 'examples/workspaces/textkit'

const isTest = (path: string) => path.startsWith('test/')
const pick = (files: Files, wanted: (path: string) => boolean): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => wanted(path)))

const tiny: CheckJob = {
  name: 'tiny',
  tries: 'one function from the documents, where the passage that matches best is wrong',
  goal: 'Make the failing tests pass',
  tokens: 150_000,
  timeoutMs: 5 * MINUTE_MS,
  files: ['src/time-of-day.js'],
  workspace: () => filesIn(TINY),
  acceptance: async () => pick(await filesIn(TINY), isTest),
}

const SLUG_TEST = 'test/slug.test.js'

const slug: CheckJob = {
  name: 'slug',
  tries: 'one function among eleven documents, and leaving other stubs alone',
  goal: 'Write slugify in src/slug.js, so that the tests pass. The other functions that are not implemented are not wanted now: leave them as they are.',
  tokens: 300_000,
  timeoutMs: 8 * MINUTE_MS,
  files: ['src/slug.js'],
  workspace: async () => pick(await filesIn(TEXTKIT), (path) => !isTest(path) || path === SLUG_TEST),
  acceptance: async () => pick(await filesIn(TEXTKIT), (path) => path === SLUG_TEST),
}

const feature: CheckJob = {
  name: 'feature',
  tries: 'a new function with its tests and its place in the README, which no document describes',
  goal: [
    'Add an export minutesOf(text) to src/time-of-day.js, the way back from timeOfDay: "07:05" gives 425, "00:00" gives 0.',
    'For whatever is no time of day of two digits each, from "00:00" to "23:59", it throws a RangeError that quotes the text.',
    'Test it beside the tests that are there, and say in README.md how both functions are used.',
  ].join(' '),
  tokens: 250_000,
  timeoutMs: 8 * MINUTE_MS,
  files: ['src/time-of-day.js', 'test/', 'README.md'],
  workspace: async () => ({ ...(await filesIn(TINY)), 'src/time-of-day.js': TIME_OF_DAY }),
  acceptance: async () => ({
    ...pick(await filesIn(TINY), isTest),
    'test/acceptance.test.js': MINUTES_OF,
  }),
}

export const JOBS: readonly CheckJob[] = [tiny, slug, feature]

const TIME_OF_DAY = `const digits = (number) => String(number).padStart(2, '0')

/**
 * Writes minutes since midnight as a time of day on a 24-hour clock: 425 is \`07:05\`. A bus that leaves after midnight
 * belongs to the day before: 1445 is \`00:05\`.
 *
 * @param {number} minutes
 * @returns {string}
 */
export function timeOfDay(minutes) {
  return \`\${digits(Math.floor(minutes / 60) % 24)}:\${digits(minutes % 60)}\`
}
`

const MINUTES_OF = `import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { minutesOf, timeOfDay } from '../src/time-of-day.js'

test('acceptance: minutesOf is the way back of timeOfDay for every minute of the day', () => {
  for (let minutes = 0; minutes < 24 * 60; minutes++) assert.equal(minutesOf(timeOfDay(minutes)), minutes)
})

for (const text of ['', '7:05', '07:5', '24:00', '07:60', ' 07:05', '07:05:00', '-1:00', 'ab:cd']) {
  test(\`acceptance: minutesOf refuses "\${text}" and quotes it\`, () => {
    assert.throws(() => minutesOf(text), (error) => error instanceof RangeError && error.message.includes(text))
  })
}

test('acceptance: the README names both functions', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  for (const name of ['minutesOf', 'timeOfDay']) assert.ok(readme.includes(name))
})
`

async function filesIn(folder: string): Promise<Files> {
  const root = join(ROOT, folder)
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = entries.flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name).slice(root.length + 1)] : [],
  )
  return Object.fromEntries(
    await Promise.all(
      paths.map(async (path): Promise<[string, string]> => [path, await readFile(join(root, path), 'utf8')]),
    ),
  )
}

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}
