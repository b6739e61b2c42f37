/**
 * What a person is shown of a call that waits: its input, and what it would do, as its tool says. It is made once, where
 * the tool is and when the person is asked, and kept as a blob (P3): who decides has no tools of the role at hand, and
 * may be anywhere; all who look see the same, also after the call; and what the decision was about stays on record.
 *
 * It comes from models and from tools: whoever shows it on a terminal makes it harmless first.
 */
import { z } from 'zod'
import { nameOf } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import type { Blobs } from '../bus/blobs.ts'
import { isBusAway } from '../bus/errors.ts'
import type { Role } from '../role/define.ts'
import type { ToolInput } from '../role/setup.ts'
import { toolOf } from '../role/tool-of.ts'
import type { Bench } from '../role/use-tool.ts'
import type { Clock } from '../time/clock.ts'
import { orAborted } from '../time/or-aborted.ts'
import { parseInput } from '../tools/input.ts'
import { previewOf } from '../tools/preview.ts'
import { decodeJson, encodeText } from '../tools/text.ts'
import { type Preview, ToolError } from '../tools/tool.ts'
import { readBlob } from '../tools/tree.ts'
import type { EffectContext } from '../turn/effects.ts'
import { type Excerpt, excerptOf } from './bounded.ts'
import type { Wait } from './wait.ts'

const excerptSchema = z.object({
  text: z.string(),
  leftOut: z.object({ lines: z.number().int(), characters: z.number().int() }).nullable(),
})

const shownSchema = z.object({
  format: z.literal(1),
  /** As JSON. */
  input: excerptSchema,
  /** What the call would do, in lines; null where its tool does not say. */
  does: excerptSchema.nullable(),
  /** A unified diff of it. */
  patch: excerptSchema.nullable(),
  /** Why there is no more, though the tool has more to say. */
  problem: z.string().nullable(),
})
export type Shown = z.infer<typeof shownSchema>

/** Characters of each that are kept: more than anybody reads, and no blob to be afraid of. */
const LIMITS = { input: 200_000, does: 20_000, patch: 200_000 }
const GIST_LIMIT = 200

/** Milliseconds that a tool may take to say it: a person waits for it already. */
const PREVIEW_MS = 10_000

export type ShowingOptions = {
  /** Its tools say what their calls would do. */
  readonly role: Pick<Role, 'tools' | 'machineTools'>
  readonly bench: Bench
  readonly clock: Clock
}

/** @throws UnavailableError, AmbiguousError: then it can be tried again; the signal's reason */
export async function shownOf(
  { role, bench, clock }: ShowingOptions,
  call: ToolInput,
  { record, name, signal }: EffectContext,
): Promise<{ readonly shown: Shown; readonly blobs: Blobs }> {
  const around = await bench(record)
  const late = new AbortController()
  const wanted = AbortSignal.any([signal, late.signal])
  const timer = clock.setTimer(PREVIEW_MS, () =>
    late.abort(new ToolError('timeout', `it took longer than ${PREVIEW_MS / 1_000} s`)),
  )
  const tool = toolOf(role, call)
  const parsed = tool && parseInput(tool.input, call.input)
  const preview = async () => {
    if (tool === undefined || !parsed?.success) return undefined
    return previewOf(tool, parsed.data, {
      ...around,
      base: around.tree,
      tree: call.tree ?? around.tree,
      run: record.run,
      conversation: nameOf(record.conversation),
      call: name,
      signal: wanted,
    })
  }
  const input = JSON.stringify(call.input, null, 2) ?? ''
  try {
    return { shown: kept(input, await orAborted(preview(), wanted), null), blobs: around.blobs }
  } catch (error) {
    if (signal.aborted || isBusAway(error)) throw error
    const problem = error instanceof Error ? error.message : String(error)
    return { shown: kept(input, undefined, problem.slice(0, LIMITS.does)), blobs: around.blobs }
  } finally {
    timer.cancel()
  }
}

function kept(input: string, preview: Preview | undefined, problem: string | null): Shown {
  const part = (what: keyof typeof LIMITS, text: string | undefined): Excerpt | null =>
    text === undefined || text === '' ? null : excerptOf(text, LIMITS[what])
  return {
    format: 1,
    input: excerptOf(input, LIMITS.input),
    does: part('does', preview?.text),
    patch: part('patch', preview?.patch),
    problem,
  }
}

/** In a line, for a list. */
export const gistOf = ({ does }: Shown): string | null =>
  does && excerptOf(does.text.split('\n', 1)[0]!, GIST_LIMIT).text

export const encodeShown = (shown: Shown): Uint8Array => encodeText(JSON.stringify(shown))

/** Undefined where the input of the wait says it all. @throws SkeinError `blob.missing`; InvalidError `invalid.shown` */
export async function readShown(blobs: Blobs, { shown }: Pick<Wait, 'shown'>): Promise<Shown | undefined> {
  if (shown === null) return undefined
  return parseAs(shownSchema, decodeJson(await readBlob(blobs, shown)), 'shown', `what is shown, ${shown}`)
}
