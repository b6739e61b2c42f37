/** Whether a sandbox holds here: tried, since a program that is installed may not be allowed to do its work. */
import { access, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../time/clock.ts'
import { runCommand } from '../tools/command.ts'
import { ToolError } from '../tools/tool.ts'
import type { Sandbox } from './sandbox.ts'

export type ProbeOptions = {
  readonly clock: Clock
  /** Where this machine has them: what there is outside has to be there inside. */
  readonly programs: readonly string[]
}

/** Milliseconds. Somebody may wait for it, and a machine may be busy. */
const PROBE_MS = 20_000

/** Runs inside. Answers what does not hold, and ends by a signal. */
const PROGRAM = `
const fs = require('node:fs'), net = require('node:net'), { join } = require('node:path')
const { outside, port, programs } = JSON.parse(process.argv[1])
const problems = []
const fails = (what, act) => { try { act(); problems.push(what) } catch {} }
const holds = (what, act) => { try { act() } catch (error) { problems.push(what + ': ' + error.message) } }
const connect = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) })
  socket.on('error', () => resolve(false))
})
const server = net.createServer((socket) => socket.destroy())
server.on('error', () => end(['there is no loopback inside']))
server.listen(0, '127.0.0.1', async () => {
  if (!(await connect(server.address().port))) problems.push('there is no loopback inside')
  if (port !== null && await connect(port)) problems.push('the network outside is reached')
  fails('files outside can be read', () => fs.readFileSync(join(outside, 'secret')))
  fails('files outside can be written', () => fs.writeFileSync(join(outside, 'written'), ''))
  holds('its home cannot be written to', () => fs.writeFileSync(join(process.env.HOME, 'made'), ''))
  for (const program of programs) holds('a program is missing', () => fs.accessSync(program))
  end(problems)
})
function end(problems) {
  fs.writeFileSync('answer', JSON.stringify(problems))
  process.kill(process.pid, 'SIGKILL')
}`

/** Undefined where it holds, else what does not. */
export async function probe(
  sandbox: Sandbox,
  { clock, programs }: ProbeOptions,
): Promise<string | undefined> {
  const place = await realpath(await mkdtemp(join(tmpdir(), 'skein-probe-')))
  const server = createServer((socket) => socket.destroy())
  const [cwd, home, outside] = ['work space', 'home', 'outside'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ]
  try {
    await Promise.all([cwd, home, outside].map((folder) => mkdir(folder)))
    await writeFile(join(outside, 'secret'), 'secret')
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    // macOS has no network of one's own: see its adapter.
    const port = sandbox.name === 'sandbox-exec' ? null : (server.address() as AddressInfo).port
    const result = await runCommand({
      argv: ['node', '-e', PROGRAM, JSON.stringify({ outside, port, programs })],
      ...{ cwd, home, clock, sandbox, timeoutMs: PROBE_MS, signal: new AbortController().signal },
    })
    const answer = await readFile(join(cwd, 'answer'), 'utf8').catch(() => undefined)
    if (answer === undefined) return `node did not run inside: ${result.output.trim() || 'it said nothing'}`
    const problems = z.array(z.string()).parse(JSON.parse(answer))
    const wrote = await access(join(outside, 'written')).then(
      () => ['files outside can be written'],
      () => [],
    )
    const signalled = result.signal === 'SIGKILL' ? [] : ['it hides which signal ended a command']
    return [...problems, ...wrote, ...signalled][0]
  } catch (error) {
    if (error instanceof ToolError && error.code === 'tool.sandbox')
      return `it could not be set up${error.cause ? `: ${error.cause}` : ''}`
    return error instanceof Error ? error.message : String(error)
  } finally {
    server.close()
    await rm(place, { recursive: true, force: true })
  }
}
