/**
 * A search by ripgrep, where this machine has it: its time grows with the text and no faster, and it uses all cores.
 * It is given the files by name, so that it walks no folders, reads no ignore files and follows no links.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { sleep } from '../../time/clock.ts'
import type { Hit, SearchEngine, SearchRequest } from './engine.ts'
import { tooSlow } from './javascript.ts'
import type { Pattern } from './pattern.ts'

/** Bytes of file names in one call: far below what any system takes, 128 KiB for Linux at the least. */
const NAMES_BYTES = 96 * 1024

/** `--json` writes an object a line; text that is not UTF-8 comes as `bytes`, which ours never is. */
const matchSchema = z.object({
  type: z.literal('match'),
  data: z.object({
    path: z.object({ text: z.string() }),
    lines: z.object({ text: z.string() }),
    line_number: z.number().int(),
    submatches: z.array(z.object({ start: z.number().int() })),
  }),
})

/** @param program its name, to be looked up in PATH, or its path */
export function ripgrepEngine(program = 'rg'): SearchEngine {
  return {
    name: 'ripgrep',
    async search(request) {
      const { files, maxHits, timeoutMs, clock, signal } = request
      signal.throwIfAborted()
      const over = new AbortController()
      const deadline = sleep(clock, timeoutMs, AbortSignal.any([signal, over.signal])).then(
        () => 'late' as const,
      )
      const hits = new Map<string, Hit[]>()
      try {
        let [searched, count] = [0, 0]
        for (const batch of batchesOf(files)) {
          const found = await callOnce(
            program,
            { ...request, files: batch, maxHits: maxHits - count },
            deadline,
          )
          signal.throwIfAborted()
          if (found === 'late') throw tooSlow(timeoutMs, `after ${searched} of ${files.length} files`)
          if (found === 'unable') return 'unable'
          for (const [file, lines] of found) hits.set(file, lines)
          count += [...found.values()].reduce((sum, lines) => sum + lines.length, 0)
          searched += batch.length
          if (count >= maxHits) break
        }
        return hits
      } finally {
        over.abort()
      }
    },
  }
}

async function callOnce(
  program: string,
  { pattern, files, maxHits }: SearchRequest,
  deadline: Promise<'late'>,
): Promise<Map<string, Hit[]> | 'late' | 'unable'> {
  const child = start(program, [...flagsOf(pattern), '--', ...files])
  if (child === undefined) return 'unable'
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  const hits = new Map<string, Hit[]>()
  let left = maxHits
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const found = matchOf(line)
      if (found === undefined) continue
      const [file, hit] = found
      const lines = hits.get(file)
      if (lines === undefined) hits.set(file, [hit])
      else lines.push(hit)
      if (--left <= 0) return 'enough'
    }
    return 'all'
  })()
  const read = await Promise.race([reading, deadline])
  // Only then: a signal that comes before it ends by itself would hide that it failed.
  if (read !== 'all') child.kill('SIGKILL')
  const code = await ended
  if (read === 'late') return 'late'
  // 0 says that something was found, 1 that nothing was; of a program that is not there, there is no code.
  return read === 'enough' || code === 0 || code === 1 ? hits : 'unable'
}

function start(
  program: string,
  args: readonly string[],
): ChildProcessByStdio<null, Readable, null> | undefined {
  try {
    return spawn(program, args, {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return undefined
  }
}

function flagsOf({ source, isRegex, ignoreCase }: Pattern): string[] {
  return [
    '--json',
    '--no-config',
    '--encoding=none',
    '--crlf',
    '--text',
    ignoreCase ? '--ignore-case' : '--case-sensitive',
    ...(isRegex ? [] : ['--fixed-strings']),
    `--regexp=${source}`,
  ]
}

function matchOf(line: string): [file: string, hit: Hit] | undefined {
  // Most lines are no matches where there is context, and all are JSON.
  if (!line.startsWith('{"type":"match"')) return undefined
  const { data } = matchSchema.parse(JSON.parse(line))
  const before = Buffer.from(data.lines.text).subarray(0, data.submatches[0]?.start ?? 0)
  return [data.path.text, { line: data.line_number, column: before.toString().length }]
}

function* batchesOf(files: readonly string[]): Generator<readonly string[]> {
  let [batch, bytes] = [[] as string[], 0]
  for (const file of files) {
    const size = Buffer.byteLength(file) + 1
    if (bytes + size > NAMES_BYTES && batch.length > 0) {
      yield batch
      ;[batch, bytes] = [[], 0]
    }
    batch.push(file)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
