/** The tool `trace`: a run as text, in one of several views. */
import { z } from 'zod'
import { diagnose } from '../../traces/diagnose/diagnose.ts'
import { diagnosis } from '../../traces/diagnose/report.ts'
import { criticalPath } from '../../traces/read/critical-path.ts'
import { sequence } from '../../traces/read/sequence.ts'
import { showCriticalPath } from '../../traces/read/show-critical-path.ts'
import { storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import { waterfall } from '../../traces/read/waterfall.ts'
import type { Span } from '../../traces/span.ts'
import { readSpans } from '../input/spans.ts'
import { mcpTool } from './desk.ts'
import { runInput } from './known-run.ts'

const VIEWS = ['waterfall', 'critical-path', 'sequence', 'diagnose'] as const
type View = (typeof VIEWS)[number]

/** Characters of a view in an answer: `all` of a long run is longer. */
const LIMIT = 60_000
const PLAIN = { width: 100, color: false } as const

export const traceTool = mcpTool({
  name: 'trace',
  title: 'Trace of a run',
  description:
    'What happened in a run, as text: a waterfall of spans, the critical path that decided how long it took, who said what to whom (sequence, Mermaid), or what went wrong (diagnose). Also while it goes on.',
  input: z.object({
    run: runInput.optional().describe('the newest unless given'),
    view: z.enum(VIEWS).default('waterfall'),
    all: z.boolean().default(false).describe('every span or message, however many'),
  }),
  output: z.object({
    view: z.enum(VIEWS),
    spans: z.number().int(),
    text: z.string(),
    truncated: z.boolean(),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async answer({ run, view, all }, { settings }) {
    const spans = await readSpans({ run }, settings)
    const whole = viewOf(spans, view, all)
    const truncated = whole.length > LIMIT
    const text = truncated ? `${whole.slice(0, LIMIT)}\n[cut: "skein trace" shows all of it]` : whole
    return { structured: { view, spans: spans.length, text, truncated }, text }
  },
})

function viewOf(spans: readonly Span[], view: View, all: boolean): string {
  const tree = traceTree(spans)
  if (view === 'waterfall') return waterfall(tree, { ...PLAIN, all })
  const story = storyOf(tree)
  switch (view) {
    case 'critical-path':
      return showCriticalPath(criticalPath(story), PLAIN)
    case 'sequence':
      return sequence(story, { all })
    case 'diagnose':
      return diagnosis(story, diagnose(story), PLAIN)
  }
}
