import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { debianSource } from '../../src/embedded/debian.ts'
import { script, surroundings, temporaryFolder } from './surroundings.ts'

/** A system whose `apt-get` does as it is told and writes down what it was asked; `dpkg` "unpacks" the package. */
async function aSystem(aptGet: string, program = 'usr/sbin/nats-server') {
  const root = await temporaryFolder()
  const work = join(root, 'work')
  const asked = join(root, 'asked')
  await mkdir(work)
  await script(join(root, 'bin/apt-get'), `echo "$@" >> '${asked}'\ncase "$*" in\n${aptGet}\nesac`)
  await script(
    join(root, 'bin/dpkg'),
    `mkdir -p "$3/${program}" && rmdir "$3/${program}" && cp "$2" "$3/${program}"`,
  )
  const { clock, signal } = surroundings()
  const source = debianSource({ env: { PATH: `${root}/bin:${process.env.PATH}` }, clock })
  return {
    work,
    fetched: source.fetch(work, signal),
    asked: async () => (await readFile(asked, 'utf8')).trim().split('\n'),
  }
}

const PACKAGE = 'nats-server_2.9.10_amd64.deb'
const give = `echo program > ${PACKAGE}; chmod +x ${PACKAGE}`

describe("the distribution's package", () => {
  it("comes by the system's own lists of packages where they have it", async () => {
    const { work, fetched, asked } = await aSystem(`*download*) ${give};;`)
    expect(await readFile(await fetched, 'utf8')).toBe('program\n')
    expect(await asked()).toEqual([
      expect.stringMatching(new RegExp(`Dir::Cache=${work}/cache download nats-server$`)),
    ])
  })

  it('comes by fresh lists in a private folder where the system has none', async () => {
    const { work, fetched, asked } = await aSystem(
      `*lists*update) touch updated;;
       *lists*download*) [ -e updated ] && ${give};;
       *) echo 'E: Unable to locate package nats-server' >&2; exit 100;;`,
    )
    expect(await readFile(await fetched, 'utf8')).toBe('program\n')
    const [, update] = await asked()
    expect(update).toContain(`Dir::State::lists=${work}/lists update`)
  })

  it('comes also where one of several sources cannot be reached', async () => {
    const { fetched } = await aSystem(
      `*update) touch updated; echo 'E: some index files failed' >&2; exit 100;;
       *download*) if [ -e updated ]; then ${give}; else exit 100; fi;;`,
    )
    expect(await readFile(await fetched, 'utf8')).toBe('program\n')
  })

  it('is not to be had where apt-get fails, and says why', async () => {
    const { fetched } = await aSystem(
      `*update) echo 'E: no network' >&2; exit 100;;
       *download*) echo 'W: old' >&2; echo 'E: no such package' >&2; exit 100;;`,
    )
    await expect(fetched).rejects.toThrow(/^apt-get: E: no such package; apt-get: E: no network$/)
  })

  it('is not taken half: a download that failed may have left a piece', async () => {
    const { fetched } = await aSystem(`*) ${give}; echo 'E: connection lost' >&2; exit 100;;`)
    await expect(fetched).rejects.toThrow('connection lost')
  })

  it('must hold the program', async () => {
    const { fetched } = await aSystem(`*download*) ${give};;`, 'usr/share/doc')
    await expect(fetched).rejects.toThrow('holds no nats-server')
  })

  it('is not to be had where there is no apt-get', async () => {
    const { clock, signal } = surroundings()
    const folder = await temporaryFolder()
    const fetched = debianSource({ env: { PATH: folder }, clock }).fetch(folder, signal)
    await expect(fetched).rejects.toThrow(/^apt-get: not found$/)
  })
})
