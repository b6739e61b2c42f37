/**
 * Which sandbox commands run in: the one that is wished for, or the first that holds on this machine. Each is tried
 * for real.
 */
import { homedir } from 'node:os'
import type { Env } from '../embedded/command.ts'
import { bubblewrapSandbox } from '../sandbox/bubblewrap.ts'
import { SYSTEM_CALLS } from '../sandbox/enter.ts'
import { find, lookAround, type Machine } from '../sandbox/machine.ts'
import { probe } from '../sandbox/probe.ts'
import { SANDBOX_NAMES, type Sandbox, type SandboxName } from '../sandbox/sandbox.ts'
import { sandboxExec } from '../sandbox/sandbox-exec.ts'
import { unshareSandbox } from '../sandbox/unshare.ts'
import type { Clock } from '../time/clock.ts'
import { FlockError } from './errors.ts'

/** `auto` takes what there is, `require` insists on one, and a name on that one. */
export const SANDBOX_WISHES = ['auto', 'require', 'none', ...SANDBOX_NAMES] as const
export type SandboxWish = (typeof SANDBOX_WISHES)[number]

export type SandboxTried = { readonly name: SandboxName; readonly problem: string }

export type ChosenSandbox = {
  /** Undefined where commands are not contained. */
  readonly sandbox: Sandbox | undefined
  /** What was tried before, and why it was not taken. */
  readonly tried: readonly SandboxTried[]
}

export type SandboxOptions = {
  readonly env: Env
  readonly clock: Clock
  /** `SKEIN_SANDBOX` unless given, `auto` without it. */
  readonly sandbox?: SandboxWish | undefined
}

/** What to do where there is none. */
export const SANDBOX_ADVICE =
  'on Linux install bubblewrap, and allow unprivileged user namespaces where they are not ' +
  '(kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces above 0); ' +
  'or run skein in a container or a virtual machine'

/** @throws FlockError `flock.sandbox` where one is required and none holds, or not that one */
export async function chooseSandbox({ env, clock, sandbox }: SandboxOptions): Promise<ChosenSandbox> {
  const wish = sandbox ?? wishOf(env)
  if (wish === 'none') return { sandbox: undefined, tried: [] }
  const tried: SandboxTried[] = []
  for (const name of SANDBOX_NAMES) {
    if (wish !== 'auto' && wish !== 'require' && wish !== name) continue
    const found = await tryOut(name, env, clock)
    if (typeof found !== 'string') return { sandbox: found, tried }
    tried.push({ name, problem: found })
  }
  if (wish === 'auto') return { sandbox: undefined, tried }
  const which = wish === 'require' ? 'no sandbox works here' : `the sandbox "${wish}" does not work here`
  throw new FlockError(
    'sandbox',
    `${which} (${triedText(tried)}): ${SANDBOX_ADVICE}; --sandbox none does without`,
  )
}

export const triedText = (tried: readonly SandboxTried[]): string =>
  tried.map(({ name, problem }) => `${name}: ${problem}`).join('; ')

function wishOf({ SKEIN_SANDBOX: text = '' }: Env): SandboxWish {
  const wish = text === '' ? 'auto' : SANDBOX_WISHES.find((name) => name === text)
  if (wish !== undefined) return wish
  throw new FlockError('sandbox', `SKEIN_SANDBOX is "${text}": it is one of ${SANDBOX_WISHES.join(', ')}`)
}

/** For a process that this one starts on the same machine: the same sandbox, and no need to try it again. */
export const handedOn = (sandbox: Sandbox | undefined): Record<string, string> => ({
  SKEIN_SANDBOX: sandbox?.name ?? 'none',
  [TRIED]: sandbox?.name ?? '',
})

const TRIED = 'SKEIN_SANDBOX_TRIED'

/** Whether all of these run their commands in one that is wished for. @throws FlockError `flock.sandbox` */
export function assureContained(
  members: readonly { readonly peer: string; readonly sandbox?: string | undefined }[],
  { env, sandbox }: Pick<SandboxOptions, 'env' | 'sandbox'>,
): void {
  const wish = sandbox ?? wishOf(env)
  if (wish === 'auto' || wish === 'none') return
  const other = members.find(
    (member) => member.sandbox === undefined || (wish !== 'require' && member.sandbox !== wish),
  )
  if (other === undefined) return
  throw new FlockError(
    'sandbox',
    `"${other.peer}" is there, and its commands run in ${other.sandbox ?? 'no sandbox'}, not as --sandbox ${wish} asks: ` +
      'let it leave first, or take another --state-dir or --nats server for this run',
  )
}

/** The sandboxes of a flock, or null where somebody's commands are not contained. */
export const containmentOf = (
  members: readonly { readonly sandbox?: string | undefined }[],
): string | null =>
  members.some(({ sandbox }) => sandbox === undefined)
    ? null
    : [...new Set(members.map(({ sandbox }) => sandbox))].sort().join(', ')

/** The sandbox, or why not. */
async function tryOut(name: SandboxName, env: Env, clock: Clock): Promise<Sandbox | string> {
  const { PATH: path = '' } = env
  const machine = await lookAround(path, homedir())
  const made = await make(name, machine, (program) => find(program, `${path}:/usr/bin:/bin:/usr/sbin:/sbin`))
  if (typeof made === 'string' || env[TRIED] === name) return made
  const programs = await Promise.all(['node', 'npm'].map((program) => find(program, path)))
  const there = programs.filter((program) => program !== undefined)
  return (await probe(made, { clock, programs: there })) ?? made
}

async function make(
  name: SandboxName,
  machine: Machine,
  programAt: (name: string) => Promise<string | undefined>,
): Promise<Sandbox | string> {
  const platform = name === 'sandbox-exec' ? 'darwin' : 'linux'
  if (process.platform !== platform) return `not on ${process.platform}`
  switch (name) {
    case 'bubblewrap': {
      const bwrap = await programAt('bwrap')
      return bwrap === undefined ? 'there is no "bwrap"' : bubblewrapSandbox(machine, bwrap)
    }
    case 'unshare': {
      const perl = await programAt('perl')
      if (perl === undefined) return 'there is no "perl"'
      if (SYSTEM_CALLS[process.arch] === undefined) return `not on ${process.arch}`
      return unshareSandbox(machine, perl)
    }
    case 'sandbox-exec': {
      const program = await programAt('sandbox-exec')
      return program === undefined ? 'there is no "sandbox-exec"' : sandboxExec(machine, program)
    }
  }
}
