/**
 * The port to what the operating system has for containing a command. An adapter says how a command line is started
 * inside, and what of its ending was the command's own; `src/tools/command.ts` starts it and ends it.
 *
 * What holds for a command inside, whichever the adapter, `test/contracts/sandbox.ts` has: S1 it writes to its checkout
 * and its home and nowhere else that lasts; S2 it does not read the user's home, the temporary files of others, or the
 * directory that the workspace was taken from; S3 it reaches no network, and no server of this machine but its own;
 * S4 it runs as the same user and gets no more rights than it has.
 */
export const SANDBOX_NAMES = ['bubblewrap', 'unshare', 'sandbox-exec'] as const
export type SandboxName = (typeof SANDBOX_NAMES)[number]

export type Contained = {
  readonly argv: readonly string[]
  /** Absolute, and exists: it may write here. */
  readonly cwd: string
  /** Its HOME and TMPDIR: absolute, exists, and may be written to as well. */
  readonly home: string
  /** Absolute paths of this machine that it may read beside what all may. */
  readonly readable: readonly string[]
}

/** How a process ended. One of the two is null. */
export type Ending = { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }

export interface Sandbox {
  readonly name: SandboxName
  /**
   * The command line that runs a command inside, to be started as leader of a process group of its own, in its
   * directory, with STATUS_FD open: there it writes INSIDE when all is set up, else what is wrong, and after INSIDE no more than
   * NO_PROGRAM and a text.
   */
  wrap(command: Contained): readonly string[]
  /** The command's ending, from that of the command line. */
  endingOf(ending: Ending): Ending
}

export const STATUS_FD = 3
export const INSIDE = '.'

/** What follows INSIDE where there is no such program there. */
export const NO_PROGRAM = 'exec '

/** A command line for `sh` that says so and becomes the command, for tools that cannot. */
export const reporting = (argv: readonly string[]): string[] => [
  '/bin/sh',
  '-c',
  `printf ${INSIDE} >&${STATUS_FD}
  command -v "$1" >/dev/null || { printf '${NO_PROGRAM}%s: not found' "$1" >&${STATUS_FD}; exit 127; }
  exec ${STATUS_FD}>&-
  exec "$@"`,
  'sh',
  ...argv,
]
