/** What the tests of the tools share: a bus in memory, trees written as plain objects, directories that go away. */
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type BlobHash, runId } from '../../protocols/ids.ts'
import type { Blobs } from '../../src/bus/blobs.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Faults } from '../../src/bus/memory/faults.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import type { Clock } from '../../src/time/clock.ts'
import { seededRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { readBlob, type Tree, treePath, writeTree } from '../../src/tools/tree.ts'

export const aBus = (faults?: Faults): Bus =>
  memoryNetwork({ clock: virtualClock(), random: seededRandom(1), faults }).connect('test')

/** Content by path. A path that ends in `*` is executable. */
export type Files = Readonly<Record<string, string | Uint8Array>>

const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? Buffer.from(content) : content

export async function treeWith(blobs: Blobs, files: Files): Promise<Tree> {
  const tree = new Map()
  for (const [name, content] of Object.entries(files)) {
    const mode = name.endsWith('*') ? 'executable' : 'file'
    tree.set(treePath(name.replace(/\*$/, '')), { hash: await blobs.put(bytesOf(content)), mode })
  }
  return tree
}

export const storedTree = async (blobs: Blobs, files: Files): Promise<BlobHash> =>
  writeTree(blobs, await treeWith(blobs, files))

/** The reverse of `treeWith`, for text, sorted by path. */
export async function filesOf(blobs: Blobs, tree: Tree): Promise<Files> {
  const files: Record<string, string> = {}
  for (const [path, { hash, mode }] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    files[mode === 'executable' ? `${path}*` : path] = Buffer.from(await readBlob(blobs, hash)).toString()
  }
  return files
}

/** A directory for one test. */
export async function aDirectory(files: Files = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'skein-test-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory, name.replace(/\*$/, ''))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    if (name.endsWith('*')) await chmod(file, 0o755)
  }
  return directory
}

export const never = (): AbortSignal => new AbortController().signal

/** A clock on which the deadline comes once the file has the text in it: the program has got as far as it should. */
export function deadlineAfter(file: string, text = ''): { clock: Clock; timeoutMs: number } {
  const timeoutMs = 3_600_000
  const real = systemClock()
  const look = (fire: () => void): void => {
    if (existsSync(file) && readFileSync(file, 'utf8').includes(text)) fire()
    else real.setTimer(10, () => look(fire))
  }
  const setTimer: Clock['setTimer'] = (delayMs, fire) => {
    if (delayMs !== timeoutMs) return real.setTimer(delayMs, fire)
    look(fire)
    return { cancel: () => {} }
  }
  return { clock: { now: real.now, setTimer }, timeoutMs }
}

/** What a host would hand to a tool. */
export async function aContext(given: { workspace?: Files; documents?: Files } = {}): Promise<ToolContext> {
  const { blobs, records } = aBus()
  return {
    run: runId('r1'),
    conversation: 'task-1',
    call: '1.0',
    tree: given.workspace && (await storedTree(blobs, given.workspace)),
    documents: given.documents && (await storedTree(blobs, given.documents)),
    blobs,
    records,
    signal: never(),
    clock: systemClock(),
    scratch: await aDirectory(),
  }
}
