/**
 * The package of Debian and Ubuntu as a source. Needs no root and changes nothing of the system: apt keeps its
 * lists and its cache in our folder, reads the system's own sources and checks their signatures; dpkg only unpacks.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../time/clock.ts'
import { type CommandOptions, type Env, isExecutable, run } from './command.ts'
import { deadline } from './deadline.ts'
import { EmbeddedNatsError, reasonOf } from './errors.ts'
import type { Source } from './source.ts'

/** For all of it; 3 s where the archive is near. */
const WHOLE_MS = 120_000

/**
 * What distributions run after an update touches the system's own cache: cleared. The user that root's apt steps
 * down to cannot enter a private folder. Who is offline shall hear of it soon.
 */
const APT_CONFIG = `
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "0";
Acquire::http::Timeout "10";
Acquire::https::Timeout "10";
`

export type DebianOptions = { readonly env: Env; readonly clock: Clock; readonly arch?: string }

export function debianSource({ env, clock, arch = process.arch }: DebianOptions): Source {
  return {
    name: "the distribution's package, by apt-get",
    file: `nats-server-debian-${arch}`,
    async fetch(folder, parent) {
      const { signal, clear } = deadline(clock, WHOLE_MS, 'apt-get', parent)
      const options = { cwd: folder, env, signal }
      try {
        const unpacked = join(folder, 'unpacked')
        await run('dpkg', ['-x', await downloadPackage(folder, options), unpacked], options)
        return await binaryIn(unpacked)
      } finally {
        clear()
      }
    },
  }
}

/** The name of the `.deb`, got with the lists of packages that the system has, or else with fresh ones of our own. */
async function downloadPackage(folder: string, options: CommandOptions): Promise<string> {
  const [config, cache, lists] = [join(folder, 'apt.conf'), join(folder, 'cache'), join(folder, 'lists')]
  await writeFile(config, APT_CONFIG)
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true })
  await mkdir(join(lists, 'partial'), { recursive: true })
  const flags = ['-q', '-c', config, '-o', `Dir::Cache=${cache}`]
  const ownLists = ['-o', `Dir::State::lists=${lists}`]

  const complaints = new Set<string>()
  const succeeds = async (...args: string[]): Promise<boolean> => {
    try {
      await run('apt-get', [...flags, ...args], options)
      return true
    } catch (error) {
      options.signal.throwIfAborted()
      complaints.add(reasonOf(error))
      return false
    }
  }
  let here = await succeeds('download', 'nats-server')
  if (!here) {
    // One unreachable source fails an update whose other lists are good: the download decides.
    await succeeds(...ownLists, 'update')
    here = await succeeds(...ownLists, 'download', 'nats-server')
  }
  const file = here ? (await readdir(folder)).find((name) => name.endsWith('.deb')) : undefined
  if (file === undefined) throw new EmbeddedNatsError('apt', [...complaints].join('; '))
  return file
}

async function binaryIn(unpacked: string): Promise<string> {
  for (const folder of ['usr/sbin', 'usr/bin']) {
    const path = join(unpacked, folder, 'nats-server')
    if (await isExecutable(path)) return path
  }
  throw new EmbeddedNatsError('apt', 'the package holds no nats-server')
}
