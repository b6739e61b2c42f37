/**
 * Spans in a file, in the format of OpenTelemetry's file exporter: one OTLP `TracesData` a line. The extension by
 * convention is `.jsonl`. A file of one line is plain OTLP JSON, which Jaeger's page opens.
 *
 * A line is whole when it ends in a newline. A last line without one that does not parse is torn: its writer was
 * killed in the middle, and what it held is written again by whoever took over. One process at a time may append.
 */
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { InvalidError } from '../protocols/errors.ts'
import { fromOtlp, toOtlp } from './otlp.ts'
import type { Span } from './span.ts'

const NEWLINE = 0x0a

export type TraceFile = {
  readonly spans: Span[]
  /** Number of the torn last line that was skipped, from 1. */
  readonly tornLine?: number
}

/** Replaces the file by these spans, on one line. Readers see the old file or the new one, never half of it. */
export async function writeTraceFile(path: string, spans: readonly Span[]): Promise<void> {
  const draft = `${path}.${process.pid}.draft`
  try {
    await writeFile(draft, lineOf(spans), { flush: true })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Adds these spans as a line of their own, in place of a torn last line where there is one. */
export async function appendTraceFile(path: string, spans: readonly Span[]): Promise<void> {
  const file = await open(path, 'a+')
  try {
    if (!(await endsWhole(file))) await mendTail(file)
    await file.appendFile(lineOf(spans))
  } finally {
    await file.close()
  }
}

async function endsWhole(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return true
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] === NEWLINE
}

/** Other writers may leave the last newline out: what parses is kept, and only the rest is torn. */
async function mendTail(file: FileHandle): Promise<void> {
  const bytes = await file.readFile()
  const start = bytes.lastIndexOf(NEWLINE) + 1
  if (parseJson(bytes.toString('utf8', start)) === undefined) await file.truncate(start)
  else await file.appendFile('\n')
}

/** Reads all spans of a file. @throws InvalidError `invalid.trace-file` with the number of the line */
export async function readTraceFile(path: string): Promise<TraceFile> {
  const read: Span[][] = []
  const lines = (await readFile(path, 'utf8')).split('\n')
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const json = parseJson(line)
    if (json === undefined && index === lines.length - 1) return { spans: read.flat(), tornLine: index + 1 }
    read.push(spansOf(json, path, index + 1))
  }
  return { spans: read.flat() }
}

const lineOf = (spans: readonly Span[]): string => `${JSON.stringify(toOtlp(spans))}\n`

/** Undefined where it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function spansOf(json: unknown, path: string, line: number): Span[] {
  try {
    if (json === undefined) throw new InvalidError('json', 'not JSON')
    return fromOtlp(json)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InvalidError(
      'trace-file',
      `${path}:${line}: ${reason}. Each line must be one OTLP TracesData; remove or repair this one`,
      { cause },
    )
  }
}
