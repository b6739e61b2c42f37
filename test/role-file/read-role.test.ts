import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { question } from '../../protocols/question.ts'
import { mcpServers } from '../../src/mcp/named-servers.ts'
import { askHuman } from '../../src/people/ask-human.ts'
import { BUILT_IN_TOOLS } from '../../src/role-file/built-in-tools.ts'
import { RoleFileError } from '../../src/role-file/error.ts'
import { type ReadRoleOptions, readRole } from '../../src/role-file/read-role.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { program } from '../mcp/workshop.ts'
import { ROOT } from '../root.ts'

let folder: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-role-file-')))
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(ROOT, 'node_modules', 'zod'), join(folder, 'node_modules', 'zod'))
  // What defineProtocol() gives is data: this one is written without it.
  await writeFile(
    join(folder, 'greeting.js'),
    `import { z } from 'zod'
     const message = (type, answeredBy) => ({ type, protocol: 'greeting', version: 1, body: z.object({ name: z.string() }), answeredBy })
     export const greeting = { name: 'greeting', version: 1, messages: {
       hello: message('greeting.hello', ['greeting.welcome']), welcome: message('greeting.welcome', []) } }`,
  )
  await writeFile(join(folder, 'nothing.js'), 'export const three = 3')
  await writeFile(join(folder, 'broken.js'), 'throw new Error("no such luck")')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(text: string, options?: ReadRoleOptions) {
  const file = join(folder, 'critic.md')
  await writeFile(file, text)
  return readRole(file, options)
}

/** Front matter that is whole, but for what is put in the place of one of its lines. */
function roleWith(
  changes: Readonly<Record<string, string | undefined>> = {},
  body = 'Read it. Say what is wrong.',
) {
  const keys: Record<string, string | undefined> = {
    name: 'name: critic',
    description: 'description: Finds what is wrong',
    accepts: 'accepts: question.ask',
    ...changes,
  }
  return `---\n${Object.values(keys)
    .filter((line) => line !== undefined)
    .join('\n')}\n---\n\n${body}\n`
}

/** What is wrong with it: `4:3 role.file-tool …` */
async function problemsOf(text: string, options?: ReadRoleOptions): Promise<string[]> {
  const error: unknown = await read(text, options).catch((error) => error)
  if (!(error instanceof RoleFileError)) throw new Error('nothing is wrong with it', { cause: error })
  expect(error.code).toBe(`role.${error.problems[0]!.code}`)
  expect(error.message).toContain(`${join(folder, 'critic.md')}:${error.problems[0]!.line}:`)
  return error.problems.map(({ line, column, code, text }) => `${line}:${column} ${code} ${text}`)
}

describe('a role in Markdown', () => {
  it('is what its front matter says, and is told what stands below', async () => {
    const role = await read(`---
name: critic
description: Finds what is wrong
model:
  name: gpt-5
  reasoningEffort: low
  maxOutputTokens: 4096
  fallbacks: [gpt-5-mini]
accepts: [question.ask, task.request]
asks:
  researcher: question.ask
tools:
  - read_file: { hide: [secrets/**] }
  - search_documents
  - run_command: { commands: [npm test, npm run …, { argv: [node, --test], more: 3 }] }
  - fetch_url: { allow: [docs.example.org] }
  - ask_human
approve: run_command
concurrency: 3
---

# The critic

Say what is wrong.
`)
    expect(role).toMatchObject({
      name: 'critic',
      description: 'Finds what is wrong',
      instructions: '# The critic\n\nSay what is wrong.',
      approve: ['run_command'],
      concurrency: 3,
      model: { name: 'gpt-5', reasoningEffort: 'low', maxOutputTokens: 4096, fallbacks: ['gpt-5-mini'] },
      asks: { researcher: { message: question.messages.ask, answers: [question.messages.answer] } },
      policy: undefined,
    })
    expect(role.accepts.map(({ type }) => type)).toEqual(['question.ask', 'task.request', 'question.answer'])
    expect(role.modelAnswers.map(({ type }) => type)).toEqual(['question.answer', 'task.result'])
    expect(role.tools.map(({ name }) => name)).toEqual([
      'read_file',
      'search_documents',
      'run_command',
      'fetch_url',
      'ask_human',
    ])
    const { description } = role.tools.find(({ name }) => name === 'run_command')!
    expect(description).toContain('`npm test`, `npm run …`, `node --test …`')
  })

  it('needs no more than a name, a line about it, what it takes, and its instructions', async () => {
    const role = await read(roleWith())
    expect(role).toMatchObject({ name: 'critic', tools: [], concurrency: 1, model: {} })
    expect(role.instructions).toBe('Read it. Say what is wrong.')
  })

  it('may be written with the ends of lines of Windows, and a byte order mark', async () => {
    const role = await read(`\uFEFF${roleWith({}, 'One.\nTwo.').replaceAll('\n', '\r\n')}`)
    expect(role.instructions).toBe('One.\nTwo.')
  })

  it('takes a lone name for a model', async () => {
    expect((await read(roleWith({ model: 'model: qwen3' }))).model).toEqual({ name: 'qwen3' })
  })

  it('speaks a protocol of its own', async () => {
    const role = await read(
      roleWith({ accepts: 'accepts: greeting.hello', protocols: 'protocols: ./greeting.js' }),
    )
    expect(role.accepts.map(({ type }) => type)).toEqual(['greeting.hello'])
    expect(role.modelAnswers.map(({ type }) => type)).toEqual(['greeting.welcome'])
  })

  it('changes the files that it may, and no others', async () => {
    const { tools } = await read(
      roleWith({ tools: 'tools: [write_file: { allow: [src], deny: ["*.lock"] }]' }),
    )
    const [tool] = tools
    const write = (path: string) => tool!.run({ path, text: '' }, {} as never)
    await expect(write('test/a.js')).rejects.toMatchObject({ code: 'tool.forbidden' })
    await expect(write('src/a.lock')).rejects.toMatchObject({ code: 'tool.forbidden' })
    await expect(write('src/a.js')).rejects.not.toMatchObject({ code: 'tool.forbidden' })
  })

  it('uses tools of MCP servers, by the names that it gives them', async () => {
    const mcp = mcpServers({ shop: program })
    const role = await read(
      roleWith({ tools: 'tools: ["mcp:shop/echo", "mcp:shop/who-am-i": { name: shop_pid }]' }),
      { mcp },
    )
    onTestFinished(() => role.tools[0]!.release!())
    expect(role.tools.map(({ name }) => name)).toEqual(['echo', 'shop_pid'])
    const wrong = roleWith({ tools: 'tools: ["mcp:shop/hammer", "mcp:mine/echo", "mcp:shop"]' })
    expect(await problemsOf(wrong, { mcp })).toEqual([
      expect.stringMatching(/^5:9 file-tool .* has no tool "hammer": there are /),
      expect.stringMatching(/^5:28 file-tool "mcp:mine\/echo" names the MCP server "mine"/),
      expect.stringMatching(/^5:45 file-tool "mcp:shop" names no tool of an MCP server/),
    ])
  })
})

describe('what is wrong with a role in Markdown', () => {
  const NO_FRONT = 'You are a critic.\n'
  it.each<readonly [what: string, text: string, problem: RegExp]>([
    ['no front matter', NO_FRONT, /^1:1 file-form a role has front matter: begin with a line "---"/],
    ['an empty file', '', /^1:1 file-form a role has front matter/],
    ['front matter without an end', '---\nname: critic\n', /^1:1 file-form .* no end: write a line "---"/],
    ['what is no YAML', roleWith({ name: 'name: "critic' }), /^\d:\d+ file-form .*Front matter is YAML/],
    ['front matter without keys', '---\n- critic\n---\nHm.', /^2:1 file-form .* no list of keys/],
    ['an empty front matter', '---\n---\nHm.', /^2:1 file-form .* no list of keys/],
    ['no name', roleWith({ name: undefined }), /^2:1 file-key "name" is missing/],
    ['no description', roleWith({ description: undefined }), /^2:1 file-key "description" is missing/],
    ['nothing that it takes', roleWith({ accepts: undefined }), /^2:1 file-key "accepts" is missing/],
    [
      'an unknown key',
      roleWith({ tool: 'tool: [read_file]' }),
      /^5:1 file-key .* "tool": did you mean "tools"\?/,
    ],
    [
      'an unknown key of its model',
      roleWith({ model: 'model:\n  top_p: 1' }),
      /^6:3 file-key "model" has no key "top_p": did you mean "topP"\?/,
    ],
    [
      'a name that cannot be',
      roleWith({ name: 'name: The Critic' }),
      /^2:7 file-name The Critic cannot name a role/,
    ],
    [
      'a number that cannot be',
      roleWith({ concurrency: 'concurrency: 0' }),
      /^5:14 file-value "concurrency" cannot be 0/,
    ],
    [
      'a parameter that cannot be',
      roleWith({ model: 'model: { temperature: warm }' }),
      /^5:23 file-value "model.temperature" cannot be warm/,
    ],
    ['no instructions', roleWith({}, ' '), /^5:1 file-body nothing stands below the front matter/],
    [
      'a message that there is not',
      roleWith({ accepts: 'accepts: question.aks' }),
      /^4:10 file-message .* did you mean "question.ask"\?/,
    ],
    [
      'a message that nothing answers',
      roleWith({ accepts: 'accepts: task.result' }),
      /^4:10 file-message nothing answers "task.result"/,
    ],
    [
      'an answer that it does not give',
      roleWith({ answers: 'answers: task.result' }),
      /^4:10 file-message "question.ask" is answered by question.answer/,
    ],
    [
      'a question that nothing answers',
      roleWith({ asks: 'asks: { coder: task.result }' }),
      /^5:16 file-message nothing answers "task.result"/,
    ],
    [
      'a peer that cannot be',
      roleWith({ asks: 'asks: { My Coder: question.ask }' }),
      /^5:9 file-name "My Coder" cannot name a role/,
    ],
    [
      'a tool that there is not',
      roleWith({ tools: 'tools:\n  - read-file' }),
      /^6:5 file-tool there is no tool "read-file": did you mean "read_file"\?/,
    ],
    [
      'a tool that is nothing like one',
      roleWith({ tools: 'tools: [hammer]' }),
      /^5:9 file-tool there is no tool "hammer": there are list_files, .*mcp:SERVER\/TOOL/,
    ],
    ['no tool at all', roleWith({ tools: 'tools: [7]' }), /^5:9 file-tool 7 names no tool/],
    [
      'a tool twice',
      roleWith({ tools: 'tools:\n  - read_file\n  - read_file: { limitChars: 9 }' }),
      /^7:5 file-tool the tool "read_file" stands in line 6 already/,
    ],
    [
      'an unknown option',
      roleWith({ tools: 'tools: [read_file: { limit_chars: 9 }]' }),
      /file-tool read_file has no option "limit_chars": did you mean "limitChars"\?/,
    ],
    [
      'commands that nobody listed',
      roleWith({ tools: 'tools: [run_command]' }),
      /^5:9 file-tool run_command needs the commands/,
    ],
    [
      'a command for a shell',
      roleWith({ tools: 'tools: [run_command: { commands: [npm test && rm x] }]' }),
      /^5:35 file-tool .* there is no shell/,
    ],
    [
      'a host that is none',
      roleWith({ tools: 'tools: [fetch_url: { allow: ["a b"] }]' }),
      /file-tool fetch_url: "a b" allows no URLs/,
    ],
    [
      'an approval of no tool',
      roleWith({ tools: 'tools: [run_tests]', approve: 'approve: [run_test]' }),
      /^6:11 file-tool .* to approve: did you mean "run_tests"\?/,
    ],
    [
      'a tool of the name of a question',
      roleWith({ tools: 'tools: [ask_human]', asks: 'asks: { human: question.ask }' }),
      /file-tool to ask "human" is the tool "ask_human"/,
    ],
    [
      'a protocol that is not there',
      roleWith({ protocols: 'protocols: ./gone.js' }),
      /^5:12 file-protocol "\.\/gone\.js" cannot be loaded/,
    ],
    [
      'a module that fails',
      roleWith({ protocols: 'protocols: ./broken.js' }),
      /^5:12 file-protocol .*no such luck/,
    ],
    [
      'a module without a protocol',
      roleWith({ protocols: 'protocols: ./nothing.js' }),
      /^5:12 file-protocol .* exports no protocol/,
    ],
  ])('%s', async (_, text, problem) => {
    const problems = await problemsOf(text)
    expect(problems[0]).toMatch(problem)
    expect(problems).toHaveLength(1)
  })

  it('is said all at once, in the order of the file', async () => {
    const text = roleWith(
      { accepts: 'accepts: question.tell', tools: 'tools: [hammer, read_file: { limit: 1 }]' },
      '',
    )
    expect((await problemsOf(text)).map((problem) => problem.split(' ').slice(0, 2).join(' '))).toEqual([
      '4:10 file-message',
      '5:9 file-tool',
      '5:28 file-tool',
      '6:1 file-body',
    ])
  })

  it('is another role of that name', async () => {
    const taken = new Map([['critic', 'in roles/critic.md']])
    expect(await problemsOf(roleWith(), { taken })).toEqual([
      '2:7 file-name there is a role "critic" already, in roles/critic.md: give one another name',
    ])
  })

  it('is that it is not there', async () => {
    await expect(readRole(join(folder, 'gone.md'))).rejects.toMatchObject({
      code: 'role.file-unreadable',
      message: expect.stringContaining('ENOENT'),
    })
  })
})

describe('the page about roles in Markdown', () => {
  const blocks = async (language: string) => {
    const page = await readFile(join(ROOT, 'docs', 'roles.md'), 'utf8')
    return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!)
  }

  it('shows the examples as they stand in their files, which are roles', async () => {
    const files = ['librarian.md', 'mending/mender.md'].map((name) => join(ROOT, 'examples', name))
    expect(await blocks('md')).toEqual(await Promise.all(files.map((file) => readFile(file, 'utf8'))))
    const roles = await Promise.all(files.map((file) => readRole(file)))
    expect(roles.map(({ name }) => name)).toEqual(['librarian', 'mender'])
  })

  it('shows tools that a role can have', async () => {
    const [tools] = await blocks('yaml')
    const found = { ...askHuman(), name: 'find_tickets' } as unknown as Tool
    const mcp = { tools: async () => [found] }
    const role = await read(roleWith({ tools: tools!.trimEnd() }), { mcp })
    expect(role.tools.map(({ name }) => name)).toContain('find_tickets')
    expect(role.tools).toHaveLength(6)
  })

  it('names every tool and every option that there is', async () => {
    const page = await readFile(join(ROOT, 'docs', 'roles.md'), 'utf8')
    const words = Object.entries(BUILT_IN_TOOLS).flatMap(([name, { options }]) => [
      name,
      ...Object.keys(options.shape),
    ])
    expect(words.filter((word) => !page.includes(`\`${word}\``))).toEqual([])
  })
})
