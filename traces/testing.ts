/**
 * For tests of one's own: the trace of a run, to assert on. `skein/testing` hands it on; it needs no test runner of a
 * kind.
 */
import { InvalidError } from '../protocols/errors.ts'
import { flawsOf } from './read/flaws.ts'
import { type NormaliseOptions, normaliseTree } from './read/golden.ts'
import { loadTraceFile } from './read/load.ts'
import { type Story, storyOf } from './read/story.ts'
import { type TraceTree, traceTree } from './read/tree.ts'
import type { Span } from './span.ts'

export type RunTrace = {
  readonly spans: readonly Span[]
  readonly tree: TraceTree
  /** Conversations with their turns and effects, and messages with who sent and who took them. */
  readonly story: Story
  /**
   * The tree as text: names, kinds, states, status and links, with ids and times normalised. Where peers work at the
   * same time, `order: 'text'` makes it the same whoever was faster.
   */
  text(options?: NormaliseOptions): string
  /** What keeps it from being one whole trace, a sentence each: several roots, missing parents, links to nowhere. */
  flaws(): readonly string[]
}

/**
 * The trace of a run: of its report, of a file of OTLP JSON, or of spans at hand.
 * @throws InvalidError `invalid.untraced` for the report of a run that was not traced, `invalid.trace-file`,
 * `invalid.no-spans` where there is nothing to assert on
 * @example
 * const trace = await traceOf(await run(job))
 * expect(trace.flaws()).toEqual([])
 * expect(trace.text({ order: 'text' })).toMatchSnapshot()
 * expect(trace.story.messages.filter(({ taker }) => taker === undefined)).toEqual([])
 */
export async function traceOf(
  source: string | readonly Span[] | { readonly run: string; readonly trace: string | null },
): Promise<RunTrace> {
  const spans = await spansIn(source)
  if (spans.length === 0) {
    const subject = typeof source === 'string' ? source : 'run' in source ? source.trace : 'the list'
    throw new InvalidError(
      'no-spans',
      `${subject} holds no spans: nothing can be said of a run by it. Wait for the run to end, and give the trace.jsonl of its folder or OTLP JSON of its trace`,
    )
  }
  const tree = traceTree(spans)
  return {
    spans,
    tree,
    story: storyOf(tree),
    text: (options) => normaliseTree(spans, options),
    flaws: () => flawsOf(spans),
  }
}

async function spansIn(source: Parameters<typeof traceOf>[0]): Promise<readonly Span[]> {
  if (typeof source === 'string') return (await loadTraceFile(source)).spans
  if (!('run' in source)) return source
  if (source.trace !== null) return (await loadTraceFile(source.trace)).spans
  throw new InvalidError(
    'untraced',
    `run "${source.run}" was not traced: OTEL_TRACES_SAMPLER decided so; unset it in tests that look at traces`,
  )
}
