/** What a peer process says on its error output, as far as it matters here (`src/log.ts`). */
import { z } from 'zod'

const logLineSchema = z.looseObject({
  at: z.iso.datetime(),
  level: z.enum(['info', 'warn', 'error']),
  text: z.string(),
  /** Of the lease under which it hosts a peer. */
  epoch: z.number().optional(),
})

export type LogLine = z.infer<typeof logLineSchema>

/** Parts of lines, as `src` writes them. */
export const TEXT = {
  ready: '"text":"ready"',
  adopted: '"text":"adopted a peer"',
  originAdopted: '"text":"adopted the origin of a run"',
  leaseLost: '"text":"the lease was lost"',
  goesOn: 'was lost to another process, or its lease ran out; nothing was published since',
  takenBefore: '"text":"a message that was taken before comes to nothing"',
} as const

/** Undefined for what is no line of a log, such as a warning of Node's. */
export function readLogLine(text: string): LogLine | undefined {
  try {
    return logLineSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export const readLog = (lines: readonly string[]): LogLine[] =>
  lines.flatMap((line) => readLogLine(line) ?? [])
