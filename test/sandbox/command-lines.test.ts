import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bubblewrapSandbox } from '../../src/sandbox/bubblewrap.ts'
import type { Machine } from '../../src/sandbox/machine.ts'
import { lookAround } from '../../src/sandbox/machine.ts'
import { sandboxExec } from '../../src/sandbox/sandbox-exec.ts'
import { aDirectory } from '../tools/workspace.ts'

const machine: Machine = {
  readable: ['/usr', '/etc'],
  links: [['/bin', 'usr/bin']],
  hidden: { files: ['/etc/shadow'], folders: ['/etc/ssh'] },
}
const command = { argv: ['npm', 'test'], cwd: '/w/a "b"', home: '/w/home', readable: ['/p/node_modules'] }

// Neither program is on every machine that this runs on: the contract is tried where they are.
describe('the command line of a sandbox', () => {
  it('on macOS denies by default and names what may be read and written, each path as a string', () => {
    const [program, , profile = ''] = sandboxExec(machine, '/usr/bin/sandbox-exec').wrap(command)
    expect(program).toBe('/usr/bin/sandbox-exec')
    const lines = profile.split('\n')
    expect(lines.slice(0, 2)).toEqual(['(version 1)', '(deny default)'])
    expect(lines).toContainEqual(
      expect.stringMatching(/^\(allow file-read\* .*\(subpath "\/p\/node_modules"\)/),
    )
    expect(lines).toContainEqual(expect.stringMatching(/^\(deny file-read\* .*\(subpath "\/etc\/shadow"\)/))
    const writing = lines.filter((line) => line.startsWith('(allow') && line.includes('file-write'))
    expect(writing).toEqual([
      '(allow file-read* file-write* (subpath "/w/a \\"b\\"") (subpath "/w/home") (literal "/dev/null"))',
    ])
    expect(profile.match(/network-outbound.*/g)).toEqual(['network-outbound (remote ip "localhost:*"))'])
  })

  it('of bubblewrap ends with the command, and makes the machine read-only', () => {
    const line = bubblewrapSandbox(machine, '/usr/bin/bwrap').wrap(command)
    expect(line.slice(-2)).toEqual(['npm', 'test'])
    const binds = line.flatMap((option, at) => (option === '--bind' ? [line[at + 1]] : []))
    expect(binds).toEqual(['/w/home', '/w/a "b"'])
    expect(line).toEqual(expect.arrayContaining(['--unshare-net', '--unshare-pid', '--die-with-parent']))
  })

  it('of bubblewrap takes an exit code of a shell for the signal that it stands for', () => {
    const { endingOf } = bubblewrapSandbox(machine, 'bwrap')
    expect(endingOf({ exitCode: 137, signal: null })).toEqual({ exitCode: null, signal: 'SIGKILL' })
    expect(endingOf({ exitCode: 1, signal: null })).toEqual({ exitCode: 1, signal: null })
    expect(endingOf({ exitCode: 255, signal: null })).toEqual({ exitCode: 255, signal: null })
  })
})

describe('what a command may see of a machine', () => {
  it('is of a home what PATH names and whole version managers, and never the home', async () => {
    const home = await realpath(await aDirectory({ '.npmrc': 'token', '.cargo/credentials.toml': 'token' }))
    const folders = ['.nvm/versions/node/v20/bin', '.cargo/bin', 'bin']
    for (const folder of folders) await mkdir(join(home, folder), { recursive: true })
    const path = [...folders.map((folder) => join(home, folder)), home, '/', 'relative'].join(':')
    const { readable } = await lookAround(path, home)
    const ofHome = readable.filter((folder) => folder.startsWith(home))
    expect(ofHome).toEqual(['.nvm', '.cargo/bin', 'bin'].map((folder) => join(home, folder)))
    expect(readable).not.toContain('/')
  })
})
