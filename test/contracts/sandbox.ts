/** What every sandbox keeps commands from, and lets them do. The commands are Node programs and a package's tests. */
import { access, mkdir, readFile, realpath, symlink } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { type Command, type CommandResult, runCommand } from '../../src/tools/command.ts'
import { runTests } from '../../src/tools/test-report.ts'
import { aDirectory, deadlineAfter, never } from '../tools/workspace.ts'

export type SandboxRig = {
  readonly sandbox: Sandbox
  /** It hides the servers of this machine from a command. */
  readonly ownNetwork: boolean
  /** It ends what left the process group. */
  readonly ownProcesses: boolean
  /** A command may end in its own time at its deadline, or after its parent. */
  readonly grace: boolean
}

const SAY = `
const fs = require('node:fs')
const attempt = (act) => { try { return act() ?? 'done' } catch (error) { return error.code } }
const say = (value) => console.log(JSON.stringify(value))
`

/** @param start undefined, with the reason, where there is none here */
export function sandboxContract(name: string, rig: SandboxRig | string): void {
  if (typeof rig === 'string') {
    describe.skip(`commands in ${name}: ${rig}`, () => it('cannot be tried here', () => {}))
    return
  }
  const { sandbox, ownNetwork, ownProcesses, grace } = rig

  /** Runs a Node program with `arg` in `process.argv[1]`, in a directory with an unusual name. */
  async function inside(
    program: string,
    { arg = '', ...options }: Partial<Command> & { arg?: string } = {},
  ): Promise<CommandResult> {
    const bench = await realpath(await aDirectory())
    const [cwd, home] = [join(bench, `a "quoted" \\ workspace,\tü\n`), join(bench, 'home')]
    await mkdir(cwd)
    await mkdir(home)
    return runCommand({
      argv: ['node', '-e', SAY + program, arg],
      ...{ cwd, home, sandbox, clock: systemClock(), signal: never(), timeoutMs: 20_000 },
      ...options,
    })
  }
  const answer = async (program: string, options?: Partial<Command> & { arg?: string }) => {
    const { output, exitCode } = await inside(program, options)
    expect(exitCode, output).toBe(0)
    return JSON.parse(output) as unknown
  }

  describe(`commands in ${name}`, () => {
    const anOutside = async () => realpath(await aDirectory({ secret: 'secret' }))

    it('write to their directory and their home, and it stays', async () => {
      const cwd = await realpath(await aDirectory())
      const home = await realpath(await aDirectory())
      const program = `fs.writeFileSync('made', 'here'); fs.writeFileSync(process.env.HOME + '/made', 'at home')`
      expect(await inside(program, { cwd, home })).toMatchObject({ exitCode: 0, output: '' })
      expect(await readFile(join(cwd, 'made'), 'utf8')).toBe('here')
      expect(await readFile(join(home, 'made'), 'utf8')).toBe('at home')
    })

    it('find their directory under any name', async () => {
      expect(await answer(`fs.writeFileSync('made', ''); say(fs.readdirSync('.'))`)).toEqual(['made'])
    })

    it('write nowhere else', async () => {
      const outside = await anOutside()
      const program = `
        const at = (path) => attempt(() => fs.writeFileSync(path, ''))
        say(['/etc/made', '/usr/made', '/made', process.argv[1] + '/made'].map(at))`
      const codes = (await answer(program, { arg: outside })) as string[]
      expect(codes).not.toContain('done')
      await expect(access(join(outside, 'made'))).rejects.toThrow('ENOENT')
    })

    it("read neither the user's home nor other temporary files, and no passwords", async () => {
      const outside = await anOutside()
      const program = `
        const read = (path) => attempt(() => fs.readFileSync(path, 'utf8'))
        const list = (path) => attempt(() => fs.readdirSync(path))
        const [home, outside] = process.argv[1].split('|')
        say({ secret: read(outside + '/secret'), home: list(home), shadow: read('/etc/shadow') })`
      const found = await answer(program, { arg: [homedir(), outside].join('|') })
      const { secret, home, shadow } = found as Record<string, string | string[]>
      expect(['ENOENT', 'EPERM', 'EACCES']).toContain(secret)
      // What programs in PATH need of it may be there, and nothing beside.
      expect(['ENOENT', 'EPERM', 'EACCES']).toContain(Array.isArray(home) ? 'ENOENT' : home)
      for (const name of ['.npmrc', '.ssh', '.config', '.gitconfig', '.bashrc'])
        expect(home).not.toContain(name)
      expect(['done', '', 'ENOENT', 'EPERM', 'EACCES']).toContain(shadow)
    })

    it('read what they are given to read, and do not write to it', async () => {
      const modules = join(
        await realpath(await aDirectory({ 'packages/dependency/index.js': 'module.exports = 42' })),
        'packages',
      )
      const cwd = await realpath(await aDirectory())
      await symlink(modules, join(cwd, 'node_modules'))
      const program = `say([require('dependency'), attempt(() => fs.writeFileSync('node_modules/made', ''))])`
      const [value, written] = (await answer(program, { cwd, readable: [modules] })) as [number, string]
      expect(value).toBe(42)
      expect(written).not.toBe('done')
    })

    const CONNECT = `
      const net = require('node:net')
      const reach = (port) => new Promise((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve('connected') })
        socket.on('error', (error) => resolve(error.code))
      })`

    it.skipIf(!ownNetwork)('reach no server outside', async () => {
      const server = createServer((socket) => socket.destroy())
      onTestFinished(() => void server.close())
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const program = `${CONNECT}; reach(Number(process.argv[1])).then(say)`
      expect(await answer(program, { arg: String(port) })).toBe('ECONNREFUSED')
    })

    it('reach a server of their own', async () => {
      const program = `${CONNECT}
        const server = net.createServer((socket) => socket.destroy()).listen(0, 'localhost', async () => {
          say(await reach(server.address().port))
          server.close()
        })`
      expect(await answer(program)).toBe('connected')
    })

    it('run as the same user, with no right to more', async () => {
      const program = `say({
        uid: process.getuid(),
        status: attempt(() => fs.readFileSync('/proc/self/status', 'utf8').match(/CapEff:.*|CapBnd:.*|NoNewPrivs:.*/g))
      })`
      const { uid, status } = (await answer(program)) as { uid: number; status: string[] | string }
      expect(uid).toBe(process.getuid?.())
      if (Array.isArray(status)) {
        expect(status.map((line) => line.split('\t'))).toEqual([
          ['CapEff:', '0000000000000000'],
          ['CapBnd:', '0000000000000000'],
          ['NoNewPrivs:', '1'],
        ])
      }
    })

    it('have the devices and directories that programs take for granted', async () => {
      const program = `say([
        fs.readFileSync('/dev/null', 'utf8'),
        attempt(() => fs.writeFileSync('/dev/null', 'x')),
        require('node:crypto').randomBytes(4).length,
        attempt(() => fs.writeFileSync('/tmp/made', 'x')),
        require('node:os').tmpdir() === process.env.HOME,
        require('node:dns').promises !== undefined,
      ])`
      expect(await answer(program)).toEqual(['', 'done', 4, 'done', true, true])
    })

    it('are npm and a test runner as well', async () => {
      const directory = await realpath(
        await aDirectory({
          'package.json': JSON.stringify({ scripts: { test: 'node --test' } }),
          'a.test.js': `require('node:test')('adds', () => require('node:assert').equal(1 + 1, 2))`,
        }),
      )
      const home = await realpath(await aDirectory())
      const report = await runTests({
        ...{ directory, home, sandbox, clock: systemClock(), signal: never(), timeoutMs: 25_000 },
      })
      expect(report).toMatchObject({ ok: true, passed: ['adds'], exitCode: 0 })
    })

    it.each([
      ['process.exit(3)', { exitCode: 3, signal: null }],
      [`process.kill(process.pid, 'SIGKILL')`, { exitCode: null, signal: 'SIGKILL' }],
      [`process.kill(process.pid, 'SIGUSR2')`, { exitCode: null, signal: 'SIGUSR2' }],
      [`process.kill(process.pid, 'SIGSEGV')`, { exitCode: null, signal: 'SIGSEGV' }],
    ])('end as %s says', async (program, ending) => {
      expect(await inside(program)).toMatchObject({ ...ending, timedOut: false })
    })

    it('say what they print, as they print it', async () => {
      const heard: string[] = []
      const program = `process.stdout.write('out', () => process.stderr.write('err'))`
      const { output } = await inside(program, { onOutput: (text) => heard.push(text) })
      expect(output).toMatch(/^(outerr|errout)$/)
      expect(heard.join('')).toBe(output)
    })

    it.each([
      ['politely at their deadline', '', 'SIGTERM'],
      ['at their deadline also when they do not listen', `process.on('SIGTERM', () => {})`, 'SIGKILL'],
    ])('are ended %s', async (_, before, signal) => {
      const cwd = await realpath(await aDirectory())
      const ready = join(cwd, 'ready')
      const program = `${before}; fs.writeFileSync('ready', ''); setInterval(() => {}, 1000)`
      const result = await inside(program, { cwd, ...deadlineAfter(ready) })
      expect(result).toMatchObject({ exitCode: null, timedOut: true, signal: grace ? signal : 'SIGTERM' })
    })

    const LEAVING = `
      const child = require('node:child_process').spawn(
        'node', ['-e', 'const say = () => require("fs").writeFileSync("beat", String(performance.now())); say(); setInterval(say, 5)'],
        { stdio: 'ignore', detached: true })
      const wait = setInterval(() => { if (fs.existsSync('beat')) { clearInterval(wait); fs.writeFileSync('ready', ''); AFTER } }, 5)`

    /** A process that writes every 5 ms, and is not there any more to be asked: what it wrote stays as it is. */
    async function isStill(file: string): Promise<void> {
      const clock = systemClock()
      await expect
        .poll(
          async () => {
            const before = await readFile(file, 'utf8')
            await new Promise<void>((resolve) => clock.setTimer(100, resolve))
            return before === (await readFile(file, 'utf8'))
          },
          { timeout: 10_000 },
        )
        .toBe(true)
    }

    it.skipIf(!ownProcesses)('take with them who left their group, when they are done', async () => {
      const cwd = await realpath(await aDirectory())
      const result = await inside(LEAVING.replace('AFTER', 'process.exit(0)'), { cwd })
      expect(result).toMatchObject({ exitCode: 0, timedOut: false })
      await isStill(join(cwd, 'beat'))
    })

    it.skipIf(!ownProcesses)('take with them who left their group, at their deadline', async () => {
      const cwd = await realpath(await aDirectory())
      const program = `process.on('SIGTERM', () => {}); ${LEAVING.replace('AFTER', '')}`
      const result = await inside(program, { cwd, ...deadlineAfter(join(cwd, 'ready')) })
      expect(result).toMatchObject({ exitCode: null, timedOut: true })
      await isStill(join(cwd, 'beat'))
    })

    it('do not see other processes', async () => {
      if (!ownProcesses) return
      const program = `say(attempt(() => { process.kill(Number(process.argv[1]), 0) }))`
      expect(await answer(program, { arg: String(2 ** 22 - 1 - (process.pid % 2)) })).toBe('ESRCH')
      const pids = await answer(`say(fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length)`)
      expect(pids).toBeLessThan(5)
    })

    it.each([
      ['a program that does not exist', { argv: ['no-such-program'] }],
      ['a directory that does not exist', { cwd: '/no/such/directory' }],
      ['nothing', { argv: [] }],
    ])('say so when they cannot be started: %s', async (_, options) => {
      await expect(inside('', options)).rejects.toMatchObject({ code: 'tool.command' })
    })

    it('fail as a sandbox where it cannot be set up', async () => {
      const readable = ['/no/such/packages']
      await expect(inside('', { readable })).rejects.toMatchObject({ code: 'tool.sandbox' })
    })

    it('are not handed what this process has open', async () => {
      const program = `say(attempt(() => fs.readdirSync('/proc/self/fd').map(Number).filter((fd) => fd > 2)
        .map((fd) => attempt(() => fs.readlinkSync('/proc/self/fd/' + fd))).filter((to) => to.startsWith('/') && !to.startsWith('/proc') && !to.startsWith('/dev'))))`
      const open = await answer(program)
      if (Array.isArray(open)) expect(open).toEqual([])
    })
  })
}
