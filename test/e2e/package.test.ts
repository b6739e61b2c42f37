/**
 * The package as others get it: packed by npm, unpacked into a project of its own. Its dependencies are links to the
 * ones installed here, and only those that it declares; so nothing is asked of a registry.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startOpenaiStub } from '../model/openai-stub.ts'
import { cleanEnvironment } from './skein-process.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
const INSTALLED = join(REPOSITORY, 'node_modules')
/** Of a command that compiles or runs, on a busy machine. */
const COMMAND_MS = 60_000

const PROGRAM = `
import { defineRole, type Job, run } from 'skein'
import { actors } from 'skein/actors'
import { openaiModel } from 'skein/openai'
import { question } from 'skein/protocols'
import { traceOf } from 'skein/testing'
import { readTraceFile, traceTree } from 'skein/traces'

const oracle = defineRole({
  name: 'oracle',
  description: 'Answers everything',
  instructions: 'Answer.',
  accepts: [question.messages.ask],
  answers: [question.messages.answer],
  policy: () => ({ kind: 'answer', type: 'question.answer', body: { answer: '42', findings: [], sources: [] } }),
})

// @ts-expect-error: the types are there, so a role without anything is no role
const nobody = () => defineRole({})

const job: Job = {
  goal: 'Know',
  roles: [{ role: oracle, count: 1 }],
  prepare: async () => ({
    start: {
      role: oracle.name,
      message: question.messages.ask,
      body: { question: 'What is it?', subject: null, known: [] },
      answers: [question.messages.answer],
    },
  }),
}

const own = openaiModel({ baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'none', model: 'goose' })
const report = await run(job, { model: 'offline' })
const { outcome, answer, trace, spent } = report
const flaws = (await traceOf(report)).flaws()
const { roots, orphans } = traceTree((await readTraceFile(trace!)).spans)
const whole: boolean = roots.length === 1 && orphans.length === 0 && flaws.length === 0
console.log(JSON.stringify({ outcome, answer, calls: spent.calls, whole, actors: Object.keys(actors), own: own.name, nobody: typeof nobody }))
`

type Manifest = {
  readonly bin: { readonly skein: string }
  readonly dependencies: Readonly<Record<string, string>>
}

let project: string
let packed: readonly string[]
let manifest: Manifest

const command = (program: string, args: readonly string[]) =>
  promisify(execFile)(program, [...args], { cwd: project, env: cleanEnvironment(), timeout: COMMAND_MS })

beforeAll(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'skein-package-')))
  // Without its scripts, which would build anew what the other tests are using.
  const pack = ['pack', REPOSITORY, '--ignore-scripts', '--json', '--pack-destination', project]
  const [{ filename, files }] = JSON.parse((await command('npm', pack)).stdout)
  packed = files.map(({ path }: { path: string }) => path)
  const home = join(project, 'node_modules', 'skein')
  await mkdir(home, { recursive: true })
  await command('tar', ['-xzf', filename, '-C', home, '--strip-components', '1'])
  manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'))
  for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
    const link = join(project, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(INSTALLED, name), link)
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  await writeFile(join(project, 'program.ts'), PROGRAM)
}, COMMAND_MS)
afterAll(() => rm(project, { recursive: true, force: true }))

it('holds what is built, and no sources or tests', () => {
  const others = packed.filter((path) => !path.startsWith('dist/'))
  expect(
    others.filter(
      (path) =>
        !/^(package\.json|bin\/skein\.js|docker-compose\.yml|LICENSE|[A-Z]+\.md|templates\/.+)$/.test(path),
    ),
  ).toEqual([])
  expect(packed.filter((path) => /\.ts$/.test(path) && !path.endsWith('.d.ts'))).toEqual([])
  expect(packed.filter((path) => /^dist\/(test|bench)\/|\.tsbuildinfo$/.test(path))).toEqual([])
  expect(packed).toEqual(
    expect.arrayContaining([
      ...['dist/command-line/command-line.js', 'dist/command-line/LICENCES.txt'],
      ...['dist/peer-process/peer-process.js', 'dist/peer-process/LICENCES.txt', 'dist/lab/script.js'],
    ]),
  )
})

it(
  'is imported, with its types, by a program that defines a role and runs a job',
  async () => {
    const options = '--strict --module nodenext --target es2023 --types node --skipLibCheck --ignoreConfig'
    await command(join(INSTALLED, '.bin', 'tsc'), [...options.split(' '), 'program.ts'])
    const { stdout } = await command(process.execPath, ['program.js'])
    expect(JSON.parse(stdout)).toEqual({
      outcome: 'completed',
      answer: { type: 'question.answer', body: { answer: '42', findings: [], sources: [] } },
      calls: 1,
      whole: true,
      actors: ['planner', 'researcher', 'coder', 'reviewer'],
      own: 'goose',
      nobody: 'function',
    })
  },
  2 * COMMAND_MS,
)

it('brings a command that helps', async () => {
  const bin = join(project, 'node_modules', 'skein', manifest.bin.skein)
  expect(await readFile(bin, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  const { stdout } = await command(process.execPath, [bin, '--help'])
  for (const name of ['run', 'peer', 'ps', 'tap', 'trace', 'doctor'])
    expect(stdout).toContain(`skein ${name}`)
})

it(
  'makes a project whose test passes without a key, and whose agent answers with a model',
  async () => {
    const bin = join(project, 'node_modules', 'skein', manifest.bin.skein)
    const made = join(project, 'my-agents')
    const { stdout } = await command(process.execPath, [bin, 'init', 'my-agents', '--json'])
    const { files, next } = JSON.parse(stdout)
    expect(files).toContain('.gitignore')
    expect(next).toEqual([
      'cd my-agents',
      'npm install',
      'npm test',
      expect.stringContaining('skein ask librarian'),
    ])
    const { name, dependencies } = JSON.parse(await readFile(join(made, 'package.json'), 'utf8'))
    expect({ name, dependencies }).toEqual({
      name: 'my-agents',
      dependencies: { skein: '^0.1.0', zod: manifest.dependencies.zod },
    })

    const inside = { cwd: made, env: cleanEnvironment(), timeout: COMMAND_MS }
    const tests = await promisify(execFile)('npm', ['test'], inside)
    expect(tests.stdout).toMatch(/pass 2\n.*fail 0/)

    const endpoint = await startOpenaiStub(({ messages }) => {
      const found = messages.find(({ role }) => role === 'tool')?.content
      if (!found) return { calls: [{ name: 'search_documents', arguments: { query: 'role', limit: 1 } }] }
      return { json: { text: 'Write a file.', pages: [JSON.parse(found).results[0].path] } }
    })
    try {
      const env = { ...inside.env, OPENAI_BASE_URL: endpoint.url, OPENAI_MODEL: 'stub-model' }
      const asked = await promisify(execFile)(
        process.execPath,
        [bin, 'ask', 'librarian', 'How do I add another role?'],
        { ...inside, env },
      )
      expect(asked.stdout).toBe('text: Write a file.\npages:\n  - this-project.md\n')
      expect(asked.stderr).toMatch(/librarian-1 +delivers goal: Write a file\./)
    } finally {
      await endpoint.close()
    }
  },
  2 * COMMAND_MS,
)
