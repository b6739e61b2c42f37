import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAllowed, WORKSPACE_COMMANDS } from '../../src/tools/allowed-command.ts'
import { type RunCommandOptions, runCommandTool } from '../../src/tools/run-command.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { aContext, aDirectory } from './workspace.ts'

const PRINT = `const fs = require('node:fs'); console.log(fs.readdirSync('.').sort().join(' ')); fs.writeFileSync('made', '')`
const workspace = { 'print.cjs': PRINT, 'fail.cjs': 'process.exit(2)' }

async function run(argv: string[], options: Partial<RunCommandOptions> = {}, given?: ToolContext) {
  const context = given ?? (await aContext({ workspace }))
  const commands = [{ argv: ['node', 'print.cjs'] }, { argv: ['node', 'fail.cjs'], more: 100 }]
  return runCommandTool({ commands, ...options }).run({ argv }, context)
}

describe('run_command', () => {
  it('runs an allowed command in a checkout of the workspace and keeps nothing of what it changes', async () => {
    const context = await aContext({ workspace })
    for (let times = 0; times < 2; times++) {
      expect(await run(['node', 'print.cjs'], {}, context)).toEqual({
        output: { exitCode: 0, output: 'fail.cjs print.cjs\n', timedOut: false, truncated: false },
      })
    }
    expect(await readdir(context.scratch)).toEqual([])
  })

  it('tells a failure by its exit code', async () => {
    expect((await run(['node', 'fail.cjs', 'with', 'more'])).output).toMatchObject({ exitCode: 2 })
  })

  it.each([
    [['node']],
    [['node', 'print.cjs', 'more']],
    [['sh', '-c', 'node print.cjs']],
    [['node print.cjs']],
    [['node', 'print.cjs; id']],
  ])('refuses %j, which is not on the list, and names the list', async (argv) => {
    await expect(run(argv)).rejects.toMatchObject({ code: 'tool.forbidden' })
    await expect(run(argv)).rejects.toThrow('`node print.cjs`, `node fail.cjs …`')
  })

  it('names the list to the model', () => {
    const tool = runCommandTool({ commands: [{ argv: ['npm', 'test'] }] })
    expect(tool.description).toContain('`npm test`')
  })

  it('links in the packages of this machine where it is given them', async () => {
    const nodeModules = join(
      await aDirectory({ 'node_modules/dependency/index.js': 'module.exports = 42' }),
      'node_modules',
    )
    const context = await aContext({ workspace: { 'print.cjs': `console.log(require('dependency'))` } })
    const { output } = await run(['node', 'print.cjs'], {}, { ...context, nodeModules })
    expect(output).toMatchObject({ exitCode: 0, output: '42\n' })
  })

  it('clears up also when the command cannot be started', async () => {
    const context = await aContext({ workspace })
    const started = run(['no-such-program'], { commands: [{ argv: ['no-such-program'] }] }, context)
    await expect(started).rejects.toMatchObject({ code: 'tool.command' })
    expect(await readdir(context.scratch)).toEqual([])
  })

  it('tells what the command prints while it runs, each character whole', async () => {
    const program = `const u = Buffer.from('\\u00fc')
      process.stdout.write(Buffer.concat([Buffer.from('gr'), u.subarray(0, 1)]), () =>
        process.stdout.write(u.subarray(1), () => console.error('\\nat the end')))`
    const heard: string[] = []
    const context = await aContext({ workspace: { 'print.cjs': program } })
    const onOutput = (text: string) => heard.push(text)
    const { output } = await run(['node', 'print.cjs'], {}, { ...context, onOutput })
    expect(heard.join('')).toBe('grü\nat the end\n')
    expect(output.output).toBe('grü\nat the end\n')
  })

  it('says so in a run that has no workspace', async () => {
    await expect(run(['node', 'print.cjs'], {}, await aContext())).rejects.toMatchObject({
      code: 'tool.no-workspace',
    })
  })
})

describe('the commands of a workspace', () => {
  it.each([
    ['npm test', true],
    ['npm run build', true],
    ['node --test test/a.test.js', true],
    ['npm run --prefix /somewhere/else build', false],
    ['npm run --script-shell=./s.sh build', false],
    ['npm run build extra', false],
    ['node --test /abs/file.js', false],
    ['node --test ../out.js', false],
    ['node --test --import=./x.js', false],
    ['rm -rf .', false],
  ])('%s is allowed: %s', (command, allowed) => {
    expect(isAllowed(WORKSPACE_COMMANDS, command.split(' '))).toBe(allowed)
  })
})
