import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { askedJob, messageTo } from '../../cli/asked-job.ts'
import { bodyOf } from '../../cli/input/body.ts'
import { chosenRoles, namedRoles } from '../../cli/input/roles.ts'
import { defineProtocol } from '../../protocols/define.ts'
import { question } from '../../protocols/question.ts'
import { task } from '../../protocols/task.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { editFile } from '../../src/tools/edit-file.ts'
import { readFile as readFileTool } from '../../src/tools/read-file.ts'
import { startSkein } from '../e2e/skein-process.ts'
import { startOpenaiStub } from '../model/openai-stub.ts'

const { ask } = question.messages

describe('the body of a message', () => {
  it('is the words, where it has one text, and what else it has may be empty', () => {
    expect(bodyOf(ask, 'Why?')).toEqual({ question: 'Why?', subject: null, known: [] })
  })

  it('is JSON, where that is given', () => {
    const body = { question: 'Why?', subject: null, known: [] }
    expect(bodyOf(ask, '', JSON.stringify(body))).toEqual(body)
  })

  const { pair, choice } = defineProtocol(
    'form',
    1,
    {
      pair: z.object({ from: z.string(), to: z.string() }),
      choice: z.object({ kind: z.enum(['a', 'b']), text: z.string() }),
      done: z.object({}),
    },
    { pair: ['done'], choice: ['done'] },
  ).messages
  it.each([
    ['of two texts', () => bodyOf(pair, 'Rome'), /--body '\{ "from": string, "to": string \}'/],
    ['with a choice', () => bodyOf(choice, 'Rome'), /is more than one text/],
    ['without words', () => bodyOf(ask, ''), /needs its question/],
    ['that is no JSON', () => bodyOf(ask, '', '{'), /--body is no JSON/],
    [
      'that does not fit',
      () => bodyOf(ask, '', '{}'),
      /question\.ask: .*question.*: it is \{ "question": string/,
    ],
  ])('is refused %s', (_, body, text) => {
    expect(body).toThrow(text)
  })
})

const roleOf = (name: string, more: Partial<Pick<Role, 'asks' | 'tools'>> = {}) =>
  defineRole({
    name,
    description: name,
    instructions: name,
    accepts: [ask, task.messages.request],
    answers: [question.messages.answer, task.messages.result],
    ...more,
  })

describe('the job of a question', () => {
  const job = (role: Role, others: readonly Role[] = []) =>
    askedJob(
      { role, message: ask, body: {}, goal: 'Why?' },
      new Map([role, ...others].map((one) => [one.name, one])),
    )

  it('has whoever may be asked in turn', () => {
    const asks = (name: string) => ({
      asks: { [name]: { message: ask, answers: [question.messages.answer] } },
    })
    const [a, b, c] = [roleOf('a', asks('b')), roleOf('b', asks('c')), roleOf('c', asks('a'))]
    expect(job(a, [b, c]).roles.map(({ role }) => role.name)).toEqual(['a', 'b', 'c'])
    expect(() => job(a, [c])).toThrow('there is no role "b"')
  })

  it('has a workspace, where somebody is there to change files', () => {
    const editor = roleOf('editor', { tools: [editFile()] })
    const asks = { asks: { editor: { message: ask, answers: [question.messages.answer] } } }
    expect(() => job(roleOf('lead', asks), [editor])).toThrow(
      '"editor" is there to change files, by edit_file: name the directory with --workspace',
    )
    expect(() => job(roleOf('reader', { tools: [readFileTool()] }))).not.toThrow()
  })

  it('wants to know which message, where a role takes several', () => {
    const role = roleOf('a')
    expect(messageTo(role, 'task.request')).toBe(task.messages.request)
    expect(() => messageTo(role)).toThrow('takes question.ask, task.request: say which with --message')
    expect(() => messageTo(role, 'task.wish')).toThrow('does not take "task.wish"')
  })
})

describe('skein ask', () => {
  let folder: string
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-ask-')))
    await writeFile(
      join(folder, 'oracle.md'),
      '---\nname: oracle\ndescription: Knows\naccepts: question.ask\n---\nAnswer.\n',
    )
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('puts a question to a role in Markdown, and prints its answer alone', async () => {
    const endpoint = await startOpenaiStub(() => ({ json: { answer: '42', findings: [], sources: [] } }))
    try {
      const env = { OPENAI_BASE_URL: endpoint.url, OPENAI_MODEL: 'stub-model' }
      const args = ['ask', './oracle.md', '--quiet', '--record', 'asked.jsonl', 'What', 'is it?']
      const { code, stdout } = await startSkein(args, { cwd: folder, env }).ended
      expect({ code, stdout }).toEqual({ code: 0, stdout: '42\n' })
      const [system, user] = endpoint.requests[0]!.body.messages
      expect(system!.content).toContain('Answer.')
      expect(user!.content).toContain('"question":"What is it?"')
    } finally {
      await endpoint.close()
    }
  })

  it('has recorded it, for a replay without the model', async () => {
    await writeFile(join(folder, 'roles.json'), JSON.stringify({ roles: ['./oracle.md'] }))
    const args = ['run', '--replay', 'asked.jsonl', '--json', '--config', 'roles.json']
    const { stdout } = await startSkein(args, { cwd: folder }).ended
    expect(JSON.parse(stdout)).toMatchObject({ answer: { body: { answer: '42' } } })
  })

  /** One call of a tool, then an answer. */
  const editing = (name: string, input: unknown) =>
    startOpenaiStub(({ messages }) =>
      messages.some(({ role }) => role === 'tool')
        ? { json: { answer: 'Done.', findings: [], sources: [] } }
        : { calls: [{ name, arguments: input }] },
    )

  it('hands over what the role changed, for "skein apply", which writes it only where nothing changed meanwhile', async () => {
    const workspace = join(folder, 'workspace')
    await mkdir(workspace)
    await writeFile(join(workspace, 'two.js'), 'export const two = 3\n')
    await writeFile(
      join(folder, 'fixer.md'),
      '---\nname: fixer\ndescription: Mends\naccepts: question.ask\ntools: [write_file]\n---\nMend it.\n',
    )
    const endpoint = await editing('write_file', { path: 'two.js', text: 'export const two = 2\n' })
    const skein = (args: readonly string[], env = {}) => startSkein(args, { cwd: folder, env }).ended
    try {
      const env = { OPENAI_BASE_URL: endpoint.url, OPENAI_MODEL: 'stub-model' }
      const asked = await skein(['ask', './fixer.md', '-w', 'workspace', '--quiet', 'Mend two.'], env)
      expect(asked).toMatchObject({ code: 0, stdout: 'Done.\n' })
      const [, patch, run] = /^patch: (\S+) +1 file, \+1 −1\nskein apply (\S+)\n/.exec(asked.stderr) ?? []
      expect(await readFile(join(folder, patch!), 'utf8')).toContain(
        '-export const two = 3\n+export const two = 2\n',
      )
      const text = () => readFile(join(workspace, 'two.js'), 'utf8')
      expect(await text()).toContain('= 3') // it is only read, so far
      await writeFile(join(workspace, 'two.js'), 'export const two = 4\n')
      const late = await skein(['apply', run!])
      expect(late.code).not.toBe(0)
      expect(late.stderr).toMatch(/changed since the run began.*two\.js[\s\S]*flock\.changed/)
      expect(await text()).toContain('= 4')
      await writeFile(join(workspace, 'two.js'), 'export const two = 3\n')
      expect(await skein(['apply', run!])).toMatchObject({
        code: 0,
        stdout: `applied to ${workspace}:\n  two.js\n`,
      })
      expect(await text()).toContain('= 2')
    } finally {
      await endpoint.close()
    }
  })

  it('says that it needs a model, before anything is begun', async () => {
    const args = ['ask', './oracle.md', '--json', 'What?']
    const { code, stdout } = await startSkein(args, { cwd: folder }).ended
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'cli.no-model' } })
  })
})

describe('a role in Markdown, on a command line', () => {
  let folder: string
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-roles-')))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function file(path: string, name: string): Promise<string> {
    await writeFile(
      join(folder, path),
      `---\nname: ${name}\ndescription: Knows\naccepts: question.ask\n---\nAnswer.\n`,
    )
    return join(folder, path)
  }

  it('stands beside those of skein, where the config lists it', async () => {
    const named = await namedRoles({ roles: [await file('oracle.md', 'oracle')] }, ['coder'])
    expect([...named.keys()]).toEqual(['coder', 'oracle'])
    const [path, other] = [await file('a.md', 'a'), 'coder']
    const chosen = await chosenRoles([path, other, path], named, {})
    expect(chosen.map(({ name }) => name)).toEqual(['a', 'coder', 'a'])
    expect(chosen[0]).toBe(chosen[2])
  })

  it('has no name of another role', async () => {
    const [one, other] = [await file('one.md', 'sibyl'), await file('other.md', 'sibyl')]
    await expect(namedRoles({ roles: [one, other] })).rejects.toMatchObject({
      code: 'role.file-name',
      message: `${other}:2:7: there is a role "sibyl" already, in ${one}: give one another name`,
    })
    const coder = await file('coder.md', 'coder')
    await expect(chosenRoles([coder], new Map(), {})).rejects.toThrow(
      `${coder}:2:7: there is a role "coder" already, which skein brings`,
    )
  })
})
