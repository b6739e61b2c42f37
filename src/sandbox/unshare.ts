/**
 * Linux namespaces without a program that is made for it: a Perl program asks the kernel for them (`enter.ts`). Takes
 * Linux 5.12, unprivileged user namespaces, and x64 or arm64.
 */
import { BASE, ENTER, SYSTEM_CALLS } from './enter.ts'
import type { Machine } from './machine.ts'
import type { Sandbox } from './sandbox.ts'

type Step = readonly [
  kind: 'read' | 'write' | 'device' | 'hidden' | 'link' | 'folder' | 'tmpfs',
  path: string,
  source: string,
]

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`)
const DEVICE_LINKS = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
] as const

/** @param perl where it is @param arch that of this machine */
export function unshareSandbox(
  machine: Machine,
  perl: string,
  arch: NodeJS.Architecture = process.arch,
): Sandbox {
  const calls = Object.entries(SYSTEM_CALLS[arch] ?? {}).map(([name, number]) => `${name}=${number}`)
  const common: Step[] = [
    ...machine.readable.map((path): Step => ['read', path, path]),
    ...machine.links.map(([path, target]): Step => ['link', path, target]),
    // Reads as empty: programs that look there are told of no error.
    ...machine.hidden.files.map((path): Step => ['device', path, '/dev/null']),
    ...machine.hidden.folders.map((path): Step => ['hidden', path, '']),
    ...DEVICES.map((path): Step => ['device', path, path]),
    ...DEVICE_LINKS.map(([path, target]): Step => ['link', path, target]),
    ['tmpfs', '/dev/shm', 'mode=1777'],
    ['tmpfs', '/tmp', 'mode=1777'],
    ['folder', '/proc', ''],
    ['folder', '/var', ''],
    ['link', '/var/tmp', '/tmp'],
  ]
  return {
    name: 'unshare',
    wrap({ argv, cwd, home, readable }) {
      const own: Step[] = [
        ...readable.map((path): Step => ['read', path, path]),
        ['write', home, home],
        ['write', cwd, cwd],
      ]
      const steps = [...common, ...own].flat()
      return [perl, '-e', ENTER, '--', calls.join(','), BASE, ...steps, '--', cwd, ...argv]
    },
    endingOf: (ending) => ending, // E1
  }
}
