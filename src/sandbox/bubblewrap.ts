/** bubblewrap, which Flatpak is built on: small, audited, and made for this. */
import { constants } from 'node:os'
import type { Machine } from './machine.ts'
import { reporting, type Sandbox } from './sandbox.ts'

const ISOLATION = [
  ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts'],
  ...['--unshare-cgroup-try', '--die-with-parent', '--cap-drop', 'ALL'],
]

/** What the program answers for a signal: 128 and its number, as a shell does. */
const SIGNALLED = 128

export function bubblewrapSandbox(machine: Machine, bwrap: string): Sandbox {
  const common = [
    ...ISOLATION,
    ...machine.readable.flatMap((path) => ['--ro-bind', path, path]),
    ...machine.links.flatMap(([path, target]) => ['--symlink', target, path]),
    // Reads as empty: programs that look there are told of no error.
    ...machine.hidden.files.flatMap((path) => ['--dev-bind', '/dev/null', path]),
    ...machine.hidden.folders.flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/dev/shm', '--tmpfs', '/tmp'],
    ...['--dir', '/var', '--symlink', '/tmp', '/var/tmp'],
  ]
  return {
    name: 'bubblewrap',
    wrap({ argv, cwd, home, readable }) {
      const own = [
        ...readable.flatMap((path) => ['--ro-bind', path, path]),
        ...[home, cwd].flatMap((path) => ['--bind', path, path]),
        ...['--remount-ro', '/', '--chdir', cwd],
      ]
      return [bwrap, ...common, ...own, '--', ...reporting(argv)]
    },
    // Which is not to be told from a command that answers such a number by itself. Shells do, for a signal.
    endingOf({ exitCode, signal }) {
      const number = (exitCode ?? 0) - SIGNALLED
      const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
      return name === undefined ? { exitCode, signal } : { exitCode: null, signal: name as NodeJS.Signals }
    },
  }
}
