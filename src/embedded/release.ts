/**
 * The official release as a source: one pinned version, whose archive must have the pinned SHA-256. For macOS no
 * checksum is pinned: the release's own list is taken, which trusts the host it comes from.
 */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../time/clock.ts'
import { type Env, run } from './command.ts'
import { type DownloadOptions, download } from './download.ts'
import { EmbeddedNatsError } from './errors.ts'
import type { Source } from './source.ts'

const VERSION = '2.12.15'
const HOST = 'https://github.com/nats-io/nats-server/releases/download'

/** A SHA-256 in hex, or where in the release it is listed. */
export type Checksums = Readonly<Record<string, string>>

const LISTED = 'SHA256SUMS'
const CHECKSUMS: Checksums = {
  'linux-amd64': '58ab8131f819263897e2fc38e503e1b755b63bcafeecc7d12582487df48ca15e',
  'linux-arm64': 'b724db99fefbf8f5c808baa82819ee50350aee9734017e4a478f7e545cef3ab6',
  'linux-arm7': '72311fe4e14ce3ce22dc8e7ac02633e6f31a9bab4086c92a31fd040e59683c8a',
  'darwin-amd64': LISTED,
  'darwin-arm64': LISTED,
}

/** Node's names of processors, as the release spells them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm7' }

export type ReleaseOptions = {
  /** `SKEIN_NATS_MIRROR` stands in for the release host; the checksums stay. */
  readonly env: Env
  readonly clock: Clock
  readonly platform?: NodeJS.Platform
  readonly arch?: string
  readonly checksums?: Checksums
}

export function releaseSource({
  env,
  clock,
  platform = process.platform,
  arch = process.arch,
  checksums = CHECKSUMS,
}: ReleaseOptions): Source {
  const base = `${(env.SKEIN_NATS_MIRROR || HOST).replace(/\/+$/, '')}/v${VERSION}`
  const target = `${platform}-${ARCHITECTURES[arch] ?? arch}`
  const stem = `nats-server-v${VERSION}-${target}`
  const archive = `${stem}.tar.gz`

  async function expectedChecksum(options: DownloadOptions): Promise<string> {
    const pinned = checksums[target]
    if (pinned === undefined) throw new EmbeddedNatsError('release', `none is known for ${target}`)
    if (pinned !== LISTED) return pinned
    const lines = (await download(`${base}/${LISTED}`, options)).toString().split('\n')
    const listed = lines.map((line) => line.trim().split(/\s+\*?/)).find(([, file]) => file === archive)?.[0]
    if (listed === undefined) throw new EmbeddedNatsError('release', `${base}/${LISTED} lacks ${archive}`)
    return listed
  }

  return {
    name: `the official release ${VERSION} from ${URL.canParse(base) ? new URL(base).host : base}`,
    file: stem,
    async fetch(folder, signal) {
      const expected = await expectedChecksum({ clock, signal })
      const bytes = await download(`${base}/${archive}`, { clock, signal })
      const actual = createHash('sha256').update(bytes).digest('hex')
      if (actual !== expected) {
        throw new EmbeddedNatsError('checksum', `${archive} has SHA-256 ${actual}, not ${expected}`)
      }
      await writeFile(join(folder, archive), bytes)
      const member = `${stem}/nats-server`
      await run('tar', ['-xzf', archive, member], { cwd: folder, env, signal })
      return join(folder, member)
    },
  }
}
