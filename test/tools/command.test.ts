import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/time/system-clock.ts'
import { type Command, type CommandResult, runCommand } from '../../src/tools/command.ts'
import { aDirectory, deadlineAfter, never } from './workspace.ts'

/** Runs a program for Node with `arg` in `process.argv[1]`. */
async function node(
  program: string,
  options: Partial<Command> & { arg?: string } = {},
): Promise<CommandResult> {
  const home = options.home ?? (await aDirectory())
  const { arg = '', ...rest } = options
  const argv = [process.execPath, '-e', program, arg]
  return runCommand({
    argv,
    cwd: home,
    home,
    clock: systemClock(),
    signal: never(),
    timeoutMs: 20_000,
    ...rest,
  })
}

/** Whether the process whose id is in the file has gone, or will have within the test's time. */
async function isGone(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8'))
  expect(pid).toBeGreaterThan(0)
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // Where nobody collects orphans, a dead one stays in the table.
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return !/\) Z /.test(status)
}

/** Starts a grandchild that never ends, writes its id to a file, and prints "ready". */
const WITH_CHILD = `
  const child = require('node:child_process').spawn(
    process.execPath, ['-e', 'CHILD; setInterval(() => {}, 1000); console.log("ready")'],
    { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.once('data', () => {
    require('node:fs').writeFileSync(process.argv[1], String(child.pid))
    AFTER
  })`

describe('runCommand', () => {
  it('gives the exit code and what was printed, both streams', async () => {
    const result = await node(`console.log('out'); console.error('err'); process.exitCode = 3`)
    expect(result).toMatchObject({ exitCode: 3, signal: null, truncated: false, timedOut: false })
    expect(result.output.split('\n').sort()).toEqual(['', 'err', 'out'])
  })

  it('tells the signal that ended the program', async () => {
    expect(await node(`process.kill(process.pid, 'SIGKILL')`)).toMatchObject({
      exitCode: null,
      signal: 'SIGKILL',
    })
  })

  it('uses no shell', async () => {
    const result = await node('console.log(process.argv[1])', { arg: '$HOME; echo no' })
    expect(result.output).toBe('$HOME; echo no\n')
  })

  it('runs in the directory it is given, with nothing on its input', async () => {
    const cwd = await aDirectory({ marker: 'here' })
    const program = `const fs = require('node:fs'); console.log(fs.readFileSync('marker') + fs.readFileSync(0))`
    expect((await node(program, { cwd })).output).toBe('here\n')
  })

  it('hands on nothing of the environment but what it must', async () => {
    const home = await aDirectory()
    process.env.SKEIN_TEST_API_KEY = 'secret'
    try {
      const result = await node('console.log(JSON.stringify(process.env))', { home, env: { EXTRA: 'given' } })
      const seen = JSON.parse(result.output) as Record<string, string>
      expect(seen).toMatchObject({ PATH: process.env.PATH, HOME: home, TMPDIR: home, EXTRA: 'given' })
      const allowed = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'HOME', 'TMPDIR', 'NO_COLOR', 'EXTRA']
      // macOS adds one of its own.
      expect(
        Object.keys(seen).filter((name) => !allowed.includes(name) && name !== '__CF_USER_TEXT_ENCODING'),
      ).toEqual([])
    } finally {
      delete process.env.SKEIN_TEST_API_KEY
    }
  })

  it('keeps an endless output within its limit, and says so', async () => {
    const result = await node(`process.stdout.write('a'.repeat(3_000_000) + 'the end')`, {
      outputLimitBytes: 1000,
    })
    expect(result).toMatchObject({ exitCode: 0, truncated: true })
    expect(result.output.length).toBeLessThan(1100)
    expect(result.output).toMatch(/^a+\n\[2999007 bytes left out\]\na+the end$/)
  })

  it.each([
    ['at its deadline', '', 'SIGTERM'],
    [
      'at its deadline that does not listen to the polite signal',
      `process.on('SIGTERM', () => {})`,
      'SIGKILL',
    ],
  ])('ends a program %s', async (_, before, signal) => {
    const ready = join(await aDirectory(), 'ready')
    const program = `${before}; require('node:fs').writeFileSync(process.argv[1], ''); setInterval(() => {}, 1000)`
    const result = await node(program, { arg: ready, ...deadlineAfter(ready) })
    expect(result).toMatchObject({ exitCode: null, timedOut: true, signal })
  })

  it('ends children that linger when the program itself is done', async () => {
    const pidFile = join(await aDirectory(), 'pid')
    const program = WITH_CHILD.replace('CHILD', '').replace('AFTER', 'process.exit(0)')
    expect(await node(program, { arg: pidFile })).toMatchObject({ exitCode: 0, timedOut: false })
    await isGone(pidFile)
  })

  it('ends children that linger and do not listen', async () => {
    const pidFile = join(await aDirectory(), 'pid')
    const program = WITH_CHILD.replace('CHILD', 'process.on("SIGTERM", () => {})').replace(
      'AFTER',
      'process.exit(0)',
    )
    expect(await node(program, { arg: pidFile })).toMatchObject({ exitCode: 0, timedOut: false })
    await isGone(pidFile)
  })

  it('ends the children with the program when the signal is aborted', async () => {
    const pidFile = join(await aDirectory(), 'pid')
    const controller = new AbortController()
    const program = WITH_CHILD.replace('CHILD', '').replace('AFTER', '')
    const result = node(program, { arg: pidFile, signal: controller.signal })
    result.catch(() => {})
    await expect.poll(() => readFile(pidFile, 'utf8').catch(() => ''), { timeout: 20_000 }).toMatch(/^\d+$/)
    controller.abort(new Error('the run is over'))
    await expect(result).rejects.toMatchObject({
      code: 'tool.aborted',
      cause: { message: 'the run is over' },
    })
    await isGone(pidFile)
  })

  it('does not start at all once the signal is aborted', async () => {
    const home = await aDirectory()
    const signal = AbortSignal.abort()
    const started = node(`require('node:fs').writeFileSync('started', '')`, { home, signal })
    await expect(started).rejects.toMatchObject({ code: 'tool.aborted' })
    await expect(readFile(join(home, 'started'))).rejects.toThrow('ENOENT')
  })

  it.each([
    ['a program that does not exist', { argv: ['no-such-program'] }],
    ['a directory that does not exist', { cwd: '/no/such/directory' }],
    ['nothing', { argv: [] }],
    ['a program with a NUL in its arguments', { argv: ['echo', 'a\0b'] }],
  ])('says so when it cannot start %s', async (_, options) => {
    await expect(node('', options)).rejects.toMatchObject({ code: 'tool.command' })
  })
})
