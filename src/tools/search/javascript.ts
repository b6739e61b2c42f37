/**
 * A search in JavaScript, for machines without ripgrep. JavaScript's regular expressions backtrack: one like `(a+)+$`
 * may run for years on a line of thirty characters, and nothing in its thread can stop it. So they run in a thread of
 * their own, which is ended at the deadline.
 *
 * The thread's program is text, since a module of TypeScript is no file that a thread could load before the build.
 */
import { Worker } from 'node:worker_threads'
import { sleep } from '../../time/clock.ts'
import { ToolError } from '../tool.ts'
import type { Hit, SearchEngine } from './engine.ts'
import { regexOf } from './pattern.ts'

// Posts the hits of one file at a time, so that memory stays small; tells where it is by a number that is shared.
const PROGRAM = `
const { readFileSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const { expression, files, literal, maxHits, at } = workerData
const regex = new RegExp(...expression)
let left = maxHits
for (let index = 0; index < files.length && left > 0; index++) {
  at[0] = index
  const text = readFileSync(files[index], 'utf8')
  if (literal !== undefined && !text.includes(literal)) continue
  const lines = text.split('\\n')
  if (lines.at(-1) === '') lines.pop()
  const hits = []
  for (let number = 0; number < lines.length && left > 0; number++) {
    const line = lines[number]
    const column = literal !== undefined
      ? line.indexOf(literal)
      : line.endsWith('\\r') ? line.slice(0, -1).search(regex) : line.search(regex)
    if (column < 0) continue
    hits.push({ line: number + 1, column })
    left--
  }
  if (hits.length > 0) parentPort.postMessage({ index, hits })
}
`

export const javascriptEngine: SearchEngine = {
  name: 'javascript',
  async search({ pattern, files, maxHits, timeoutMs, clock, signal }) {
    signal.throwIfAborted()
    const at = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(PROGRAM, {
      eval: true,
      execArgv: [],
      workerData: {
        expression: regexOf(pattern),
        files,
        literal: pattern.isRegex || pattern.ignoreCase ? undefined : pattern.source,
        maxHits,
        at,
      },
    })
    const hits = new Map<string, readonly Hit[]>()
    worker.on('message', (found: { index: number; hits: readonly Hit[] }) => {
      hits.set(files[found.index]!, found.hits)
    })
    const over = new AbortController()
    const done = new Promise<'done'>((resolve, reject) => {
      worker.once('error', reject)
      worker.once('exit', () => resolve('done'))
    })
    const deadline = sleep(clock, timeoutMs, AbortSignal.any([signal, over.signal]))
    try {
      const ended = await Promise.race([done, deadline.then(() => 'late' as const)])
      signal.throwIfAborted()
      if (ended === 'done') return hits
      throw tooSlow(timeoutMs, `after ${at[0]} of ${files.length} files`)
    } finally {
      over.abort()
      await worker.terminate()
    }
  },
}

export const tooSlow = (timeoutMs: number, where: string): ToolError =>
  new ToolError(
    'slow-search',
    `the search was not done in ${timeoutMs / 1_000} s, and ended ${where}: write a simpler expression without ` +
      'repetitions in repetitions, search for text, or name fewer files with "include"',
  )
