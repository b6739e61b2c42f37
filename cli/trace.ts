/** `skein trace`: a run as a tree of spans, wherever its spans are. */
import { writeTraceFile } from '../traces/file.ts'
import { toOtlp } from '../traces/otlp.ts'
import { traceTree } from '../traces/read/tree.ts'
import { waterfall } from '../traces/read/waterfall.ts'
import type { Span } from '../traces/span.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { readSettings } from './input/settings.ts'
import { readSpans, spanOptions } from './input/spans.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    spanOptions(yargs)
      .option('all', { type: 'boolean', describe: 'every span, however deep and however many' })
      .option('json', { type: 'boolean', describe: 'print OTLP JSON' })
      .option('otlp', {
        type: 'string',
        normalize: true,
        requiresArg: true,
        describe: "write OTLP JSON to a file, which Jaeger's page opens",
      }),
  async (given) => {
    const spans = await readSpans(given, await readSettings(given))
    if (given.otlp !== undefined) await writeOtlp(given.otlp, spans)
    else process.stdout.write(viewOf(spans, given))
    return EXIT.ok
  },
)

type Wish = { readonly all?: boolean | undefined; readonly json?: boolean | undefined }

function viewOf(spans: readonly Span[], { all, json }: Wish): string {
  if (json) return `${JSON.stringify(toOtlp(spans))}\n`
  const { width, color } = screen(process.stdout)
  return waterfall(traceTree(spans), { width: width(), color, all: all === true })
}

/** On one line: a page takes no more. */
async function writeOtlp(path: string, spans: readonly Span[]): Promise<void> {
  await writeTraceFile(path, spans).catch((cause: Error) => {
    throw new CliError('otlp', `"${path}" cannot be written: ${cause.message}`, { cause })
  })
  screen(process.stderr).line(`${spans.length} spans in ${path}`)
}
