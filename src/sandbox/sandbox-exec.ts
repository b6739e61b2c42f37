/**
 * macOS: `sandbox-exec` and a profile in Seatbelt's language. Its manual calls it deprecated. Not tried on macOS yet:
 * only the text of the profile is tested, and the probe decides on the spot.
 *
 * It is less than the others: there are no namespaces, so a command that leaves its process group gets away, and one
 * may talk to the servers of this machine, as it has to talk to its own.
 */
import type { Machine } from './machine.ts'
import { reporting, type Sandbox } from './sandbox.ts'

/** Beside what `Machine` has: macOS's own libraries, its clock's zones and devices, and the caches of its linker. */
const SYSTEM = ['/System', '/Library', '/private/etc', '/private/var/db', '/dev', '/opt/homebrew']

const HIDDEN = ['/Library/Keychains', '/private/var/db/dslocal']

export function sandboxExec(machine: Machine, program: string): Sandbox {
  return {
    name: 'sandbox-exec',
    wrap({ argv, cwd, home, readable }) {
      const reads = [...SYSTEM, ...machine.readable, ...machine.links.map(([path]) => path), ...readable]
      const profile = [
        '(version 1)',
        '(deny default)',
        '(allow process*)',
        '(allow signal (target same-sandbox))',
        '(allow sysctl-read)',
        '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))',
        '(allow file-read-metadata)',
        `(allow file-read* (literal "/") ${reads.map(subpath).join(' ')})`,
        `(deny file-read* ${[...HIDDEN, ...machine.hidden.files, ...machine.hidden.folders].map(subpath).join(' ')})`,
        `(allow file-read* file-write* ${[cwd, home].map(subpath).join(' ')} (literal "/dev/null"))`,
        '(allow network-bind network-inbound (local ip "localhost:*"))',
        '(allow network-outbound (remote ip "localhost:*"))',
      ].join('\n')
      return [program, '-p', profile, ...reporting(argv)]
    },
    endingOf: (ending) => ending,
  }
}

/** A string of a profile has the escapes of C. */
const subpath = (path: string): string => `(subpath ${JSON.stringify(path)})`
