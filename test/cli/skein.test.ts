/** The command line as people use it, in processes of its own: what it says, and what it ends with. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS, nameOf } from '../../cli/commands.ts'
import { openProject, type Project } from '../e2e/project.ts'

const CLERK = fileURLToPath(new URL('../fixtures/roles/clerk.js', import.meta.url))

let project: Project
beforeAll(async () => {
  project = await openProject()
  await project.copyOf('tiny')
})
afterAll(() => project.close())

const skein = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  project.skein(args, env).ended

describe('skein', () => {
  it('lists its commands and its exit codes', async () => {
    const { code, stdout } = await skein(['--help'])
    expect(code).toBe(0)
    for (const name of [...COMMANDS.map(nameOf), 'completion']) expect(stdout).toContain(`skein ${name}`)
    expect(stdout).toContain('130 interrupted')
  })

  it('helps with a command', async () => {
    const { code, stdout } = await skein(['run', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('skein run [goal]')
  })

  it('completes commands', async () => {
    expect((await skein(['completion'])).stdout).toContain('skein')
    expect((await skein(['--get-yargs-completions', 'skein', ''])).stdout).toMatch(/^doctor/m)
  })
})

describe('skein prompts', () => {
  it("prints what a role is told, brought or of one's own, and what that costs", async () => {
    const { code, stdout } = await skein(['prompts', 'researcher', CLERK])
    expect(code).toBe(0)
    for (const said of ['You are the researcher.', 'search_documents', 'Repeat the question.', 'o200k_base'])
      expect(stdout).toContain(said)
    expect(stdout).not.toContain('You are the coder.')
  })

  it('prints the costs of all roles as one object', async () => {
    const { roles } = JSON.parse((await skein(['prompts', '--json'])).stdout)
    expect(roles.map((one: { role: string }) => one.role)).toEqual(
      expect.arrayContaining(['planner', 'solo']),
    )
    expect(roles.every(({ tokens }: { tokens: number }) => tokens > 0)).toBe(true)
  })

  it('knows no other role', async () => {
    const { code, stderr } = await skein(['prompts', 'poet'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no role "poet"')])
  })
})

describe('bad input ends with code 2 and says what to do', () => {
  const run = ['run', 'goal', '--workspace', 'tiny']
  const NOBODY = 'http://127.0.0.1:1/v1'

  it.each<[string, readonly string[], RegExp, Readonly<Record<string, string>>?]>([
    ['no command', [], /Name a command/],
    ['an unknown command', ['fly'], /fly/],
    ['an unknown option', [...run, '--faster'], /faster.*skein run --help/s],
    ['no workspace', ['run', 'goal'], /workspace/],
    ['a replay with approvals', ['run', '--replay', 'r.jsonl', '--approve', 'fly'], /takes no --approve/],
    ['a replay without people', ['run', '--replay', 'r.jsonl', '--no-human'], /takes no --no-human/],
    [
      'a replay with a rate',
      ['run', '--replay', 'r.jsonl', '--tokens-per-minute', '9'],
      /no --tokens-per-minute/,
    ],
    ['a workspace that is a file', ['run', 'goal', '--workspace', 'tiny/package.json'], /is no directory/],
    ['a model without a key', [...run, '--model', 'gpt-5-mini'], /OPENAI_API_KEY/],
    [
      'an endpoint that is not there',
      [...run, '--model', 'm'],
      /OPENAI_BASE_URL/,
      { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: NOBODY },
    ],
    ['a time that is none', [...run, '--timeout', 'soon'], /90s, 10m or 1h30m/],
    ['an option twice', [...run, '--rounds=1', '--rounds', '2'], /"--rounds" stands there twice/],
    ['a role that is not there', [...run, '--peers', 'pilot=1'], /no role "pilot".*planner, researcher/],
    ['a peer of no role', ['peer', 'pilot'], /no role "pilot"/],
    ['a module that is not there', ['peer', './pilot.js'], /pilot\.js" cannot be loaded/],
    ['a run that is not there', ['apply', 'r-0'], /no finished run "r-0"/],
    ['no run at all', ['trace'], /no run in/],
    ['a file that is not there', ['trace', '--file', 'nope.json'], /"nope\.json" cannot be read/],
    [
      'a file of something else',
      ['trace', '--file', 'tiny/package.json'],
      /package\.json:1: no spans.*OTLP JSON/,
    ],
    [
      'a Jaeger that is away',
      ['trace', 'r-0', '--jaeger', NOBODY],
      /no Jaeger answers at .*docker compose up/,
    ],
    ['a Jaeger that is none', [...run, '--jaeger', 'tiny'], /"tiny" is no address of Jaeger's page/],
    ['two places at once', ['trace', '--file', 'a', '--jaeger'], /mutually exclusive/],
    ['two views at once', ['trace', '--file', 'a', '--tax', '--sequence'], /mutually exclusive/],
    ['nobody to look at', ['ps'], /has no live server/],
    ['nothing to listen to', ['tap'], /has no live server/],
    [
      'a state folder that cannot be one',
      [...run, '--state-dir', 'tiny/package.json'],
      /another state folder/,
    ],
  ])('%s', async (_, args, expected, env) => {
    const { code, stdout, stderr } = await skein(args, env)
    expect(stderr).toMatch(expected)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  it('prints it as one object where the result would be one', async () => {
    const { code, stdout } = await skein(['run', 'goal', '--workspace', 'nope', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'cli.workspace', message: expect.stringContaining('"nope" does not exist') },
    })
  })

  it.each([['result', 'r-0'], ['waiting'], ['approve', 'r-0', '--all'], ['trace', 'r-0']])(
    'does so whatever the command: %s',
    async (...args) => {
      const { code, stdout } = await skein([...args, '--json'])
      expect(code).toBe(2)
      const error = { code: expect.stringMatching(/^flock\.no-/), message: expect.any(String) }
      expect(JSON.parse(stdout)).toEqual({ error })
    },
  )

  it('does so where the command line itself is wrong', async () => {
    const { code, stdout } = await skein([...run, '--placement', 'nowhere', '--json'])
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'cli.usage', message: expect.stringContaining('"nowhere"') },
    })
  })

  it('shows where an error came from when it is asked to', async () => {
    const { stderr } = await skein(['apply', 'r-0'], { SKEIN_DEBUG: '1' })
    expect(stderr).toMatch(/^ {4}at .*\n[\s\S]*caused by/m)
  })

  it('never shows a password', async () => {
    const { stderr } = await skein([...run, '--nats', 'nats://me:hush@127.0.0.1:1'])
    expect(stderr).not.toContain('hush')
  })
})

describe('skein peer', () => {
  it('hosts the roles of a module, is seen by ps, and leaves on SIGTERM with its server', async () => {
    const stateDir = ['--state-dir', 'peers']
    const peer = project.skein(['peer', CLERK, CLERK, ...stateDir])
    await peer.says(/"ready".*clerk-1 clerk-2/)
    const { stdout } = await skein(['ps', '--json', ...stateDir])
    expect(JSON.parse(stdout)).toMatchObject([
      { peer: 'clerk-1', role: 'clerk', state: 'idle', busy: 0, limit: 1, pid: peer.pid, model: 'offline' },
      { peer: 'clerk-2' },
    ])
    expect((await skein(['ps', ...stateDir])).stdout).toMatch(/^clerk-1 +clerk +idle +0\/1 +offline/m)
    expect((await peer.stop()).code).toBe(0)
    expect((await skein(['ps', ...stateDir])).code).toBe(2)
  })

  it('knows the roles of the config file by their names', async () => {
    const config = join(project.folder, 'roles.json')
    await writeFile(config, JSON.stringify({ roles: [CLERK], stateDir: 'configured' }))
    const peer = project.skein(['peer', 'clerk', '--config', config])
    await peer.says(/"ready".*clerk-1/)
    expect((await peer.stop()).code).toBe(0)
  })

  it('refuses a module without a role', async () => {
    const file = join(project.folder, 'empty.mjs')
    await writeFile(file, 'export const nothing = 1')
    expect(await skein(['peer', file])).toMatchObject({ code: 2 })
  })
})

describe('skein protocols', () => {
  it('prints JSON Schema of every message, or an AsyncAPI document', async () => {
    const schema = JSON.parse((await skein(['protocols'])).stdout)
    expect(Object.keys(schema.$defs)).toContain('task.request.v1')
    expect(JSON.parse((await skein(['protocols', '--asyncapi'])).stdout)).toMatchObject({ asyncapi: '3.0.0' })
  })
})

describe('skein doctor', () => {
  it('finds that all is well where nothing is set up and nothing is needed', async () => {
    const { code, stdout } = await skein(['doctor', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([
      { about: 'Node', state: 'works' },
      { about: 'NATS', state: 'works' },
      { about: 'model', state: 'absent' },
      { about: 'sandbox', state: expect.stringMatching(/^(works|absent)$/) },
      { about: 'collector', state: 'absent' },
    ])
  })

  it('says what is broken, and what to do', async () => {
    const nobody = 'http://127.0.0.1:1'
    const env = {
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: `${nobody}/v1`,
      OPENAI_MODEL: 'm',
      OTEL_EXPORTER_OTLP_ENDPOINT: nobody,
      NATS_URL: 'nats://127.0.0.1:1',
    }
    const { code, stdout } = await skein(['doctor'], env)
    expect(code).toBe(2)
    expect(stdout).toMatch(/✗ NATS .*refused/)
    expect(stdout).toMatch(/✗ model .*OPENAI_BASE_URL/)
    expect(stdout).toMatch(/✗ collector .*\n.*OTEL_EXPORTER_OTLP_ENDPOINT/)
  })
})
