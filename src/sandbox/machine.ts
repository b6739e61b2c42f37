/**
 * What of a machine a command may see: what its programs need, by name. The rest, the user's home, other people's
 * temporary files and mounted disks among it, is not there.
 */
import { access, readlink, realpath, stat } from 'node:fs/promises'
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path'
import { isInside } from '../tools/jail.ts'

export type Machine = {
  /** Directories to read. */
  readonly readable: readonly string[]
  /** Links at the top of the file system, `/bin` to `usr/bin`. */
  readonly links: readonly (readonly [path: string, target: string])[]
  /** Within those, what is not to be read. */
  readonly hidden: { readonly files: readonly string[]; readonly folders: readonly string[] }
}

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/nix/store']

/** Within /etc: a process of root could read them, whatever its capabilities, since root owns them. */
const SECRETS = [
  ...[
    'shadow',
    'shadow-',
    'gshadow',
    'gshadow-',
    'sudoers',
    'sudoers.d',
    'ssh',
    'ssl/private',
    'letsencrypt',
  ],
  ...[
    'docker',
    'kubernetes',
    'rancher',
    'wireguard',
    'openvpn',
    'NetworkManager',
    'krb5.keytab',
    'environment',
  ],
  ...['security/opasswd', 'ppp', 'ipsec.secrets', 'apt/auth.conf', 'apt/auth.conf.d', 'netrc', 'npmrc'],
].map((name) => join('/etc', name))

/** In a home, what version managers need to be whole, and that holds no credentials. Of other folders only those in PATH. */
const TOOLCHAINS = [
  ...[
    '.nvm',
    '.volta',
    '.asdf',
    '.fnm',
    '.nodenv',
    '.local/share/fnm',
    '.local/share/mise',
    '.local/share/pnpm',
  ],
  ...['.pyenv', '.rbenv', '.rustup', '.bun', '.deno', '.sdkman', '.linuxbrew'],
]

const PROGRAMS = ['node', 'npm', 'npx']

/**
 * @param path the PATH of commands
 * @param home the user's own directory
 */
export async function lookAround(path: string, home: string): Promise<Machine> {
  const system = await existing(SYSTEM)
  const links: [string, string][] = []
  const readable: string[] = []
  for (const folder of system) {
    const target = await readlink(folder).catch(() => undefined)
    if (target === undefined) readable.push(folder)
    else links.push([folder, target])
  }
  const onPath = path.split(delimiter).filter((folder) => isAbsolute(folder))
  const wanted = [
    ...onPath.map((folder) => toolchainOf(folder, home) ?? folder),
    ...(await Promise.all(PROGRAMS.map((program) => installationOf(program, onPath)))).flat(),
  ]
  const homes = [home, await realpath(home).catch(() => home)]
  for (const folder of await existing(wanted)) {
    const real = await realpath(folder)
    const holdsHome = homes.some((own) => isInside(folder, own) || isInside(real, own))
    const isThere = [...readable, ...links.map(([link]) => link)].some((above) => isInside(above, folder))
    if (!holdsHome && !isThere) readable.push(folder)
  }
  const secrets = await existing(SECRETS)
  const areFolders = await Promise.all(secrets.map(async (path) => (await stat(path)).isDirectory()))
  return {
    readable,
    links,
    hidden: {
      files: secrets.filter((_, at) => !areFolders[at]),
      folders: secrets.filter((_, at) => areFolders[at]),
    },
  }
}

/** Where PATH has a program, undefined where it has none. */
export async function find(program: string, path: string): Promise<string | undefined> {
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder))
  return (await existing(folders.map((folder) => join(folder, program))))[0]
}

const toolchainOf = (folder: string, home: string): string | undefined =>
  TOOLCHAINS.map((name) => join(home, name)).find((root) => isInside(root, folder))

/** The folders that a program was installed to, where PATH has a link to it. */
async function installationOf(program: string, onPath: readonly string[]): Promise<string[]> {
  const found = await find(program, onPath.join(delimiter))
  if (found === undefined) return []
  const folder = dirname(await realpath(found))
  if (basename(folder) !== 'bin') return [folder]
  // Of a package the whole, of a prefix only what belongs to Node: `~/.local` has much else.
  const root = dirname(folder)
  const isPackage = await access(join(root, 'package.json')).then(
    () => true,
    () => false,
  )
  return isPackage ? [root] : [folder, join(root, 'lib/node_modules')]
}

async function existing(paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => [path],
        () => [],
      ),
    ),
  )
  return there.flat()
}
