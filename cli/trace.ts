/** `skein trace`: a run as a tree of spans, or as another view of them, wherever its spans are. */
import { writeTraceFile } from '../traces/file.ts'
import { toOtlp } from '../traces/otlp.ts'
import { criticalPath } from '../traces/read/critical-path.ts'
import { sequence } from '../traces/read/sequence.ts'
import { showCriticalPath } from '../traces/read/show-critical-path.ts'
import { showTax } from '../traces/read/show-tax.ts'
import { storyOf } from '../traces/read/story.ts'
import { tax } from '../traces/read/tax.ts'
import { traceTree } from '../traces/read/tree.ts'
import { waterfall } from '../traces/read/waterfall.ts'
import type { Span } from '../traces/span.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { readSettings } from './input/settings.ts'
import { readSpans, spanOptions } from './input/spans.ts'
import { writePage } from './show/page-file.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    spanOptions(yargs)
      .option('sequence', { type: 'boolean', describe: 'who said what to whom, as a Mermaid diagram' })
      .option('critical-path', { type: 'boolean', describe: 'the chain that decided how long it took' })
      .option('tax', { type: 'boolean', describe: 'what coordination cost, against one agent alone' })
      .conflicts('sequence', ['critical-path', 'tax', 'json', 'otlp'])
      .conflicts('critical-path', ['tax', 'otlp'])
      .conflicts('tax', 'otlp')
      .option('all', { type: 'boolean', describe: 'every span or message, however deep and however many' })
      .option('json', { type: 'boolean', describe: 'print OTLP JSON, or what a path or a tax consists of' })
      .option('otlp', {
        type: 'string',
        normalize: true,
        requiresArg: true,
        describe: "write OTLP JSON to a file, which Jaeger's page opens",
      })
      .option('html', {
        type: 'string',
        normalize: true,
        requiresArg: true,
        describe: 'write all views to one page, which any browser opens',
      })
      .conflicts('html', ['sequence', 'critical-path', 'tax', 'json', 'otlp']),
  async (given) => {
    const settings = await readSettings(given)
    const spans = await readSpans(given, settings)
    if (given.otlp !== undefined) await writeOtlp(given.otlp, spans)
    else if (given.html !== undefined) {
      await writePage(given.html, spans, settings.stateDir)
      screen(process.stderr).line(`${spans.length} spans in ${given.html}: open it in a browser`)
    } else process.stdout.write(viewOf(spans, given))
    return EXIT.ok
  },
)

type Wish = {
  readonly [Flag in 'all' | 'json' | 'sequence' | 'criticalPath' | 'tax']?: boolean | undefined
}

function viewOf(spans: readonly Span[], wish: Wish): string {
  const { width, color } = screen(process.stdout)
  const options = { width: width(), color }
  const all = wish.all === true
  const json = (data: unknown) => `${JSON.stringify(data)}\n`
  if (wish.sequence) return sequence(storyOf(traceTree(spans)), { all })
  if (wish.criticalPath) {
    const path = criticalPath(storyOf(traceTree(spans)))
    return wish.json ? json(path) : showCriticalPath(path, options)
  }
  if (wish.tax) {
    const cost = tax(storyOf(traceTree(spans)))
    return wish.json ? json(cost) : showTax(cost, options)
  }
  return wish.json ? json(toOtlp(spans)) : waterfall(traceTree(spans), { ...options, all })
}

/** On one line: a page takes no more. */
async function writeOtlp(path: string, spans: readonly Span[]): Promise<void> {
  await writeTraceFile(path, spans).catch((cause: Error) => {
    throw new CliError('otlp', `"${path}" cannot be written: ${cause.message}`, { cause })
  })
  screen(process.stderr).line(`${spans.length} spans in ${path}`)
}
