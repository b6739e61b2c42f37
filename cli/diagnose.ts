/**
 * `skein diagnose`: what went wrong in a run, by its spans alone. It ends as linters do: errors count, warnings do with
 * `--strict`, notes never.
 */
import { diagnose } from '../traces/diagnose/diagnose.ts'
import type { Finding } from '../traces/diagnose/finding.ts'
import { diagnosis } from '../traces/diagnose/report.ts'
import { placeIn } from '../traces/jaeger.ts'
import { storyOf } from '../traces/read/story.ts'
import { traceTree } from '../traces/read/tree.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { jaegerUrl } from './input/jaeger.ts'
import { readSettings } from './input/settings.ts'
import { readSpans, spanOptions } from './input/spans.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    spanOptions(yargs)
      .option('json', { type: 'boolean', describe: 'print one JSON object' })
      .option('strict', { type: 'boolean', describe: 'end with 7 where there are warnings, as with errors' }),
  async (given) => {
    const settings = await readSettings(given)
    const spans = await readSpans(given, settings)
    const story = storyOf(traceTree(spans))
    if (story.conversations.length === 0 && story.submitted === undefined) {
      throw new CliError(
        'no-run',
        `there is no run of skein among these ${spans.length} spans: nothing can be said of them`,
      )
    }
    const traces = new Set(spans.map(({ traceId }) => traceId))
    if (traces.size > 1) {
      throw new CliError(
        'traces',
        `there are ${traces.size} traces: name one of ${[...traces].join(', ')}, or the run it is of`,
      )
    }
    const findings = diagnose(story)
    const out = screen(process.stdout)
    if (given.json) {
      const { run = null, over } = story
      out.line(JSON.stringify({ run, outcome: over?.outcome ?? null, findings: findings.map(plain) }))
    } else {
      out.stream.write(diagnosis(story, findings, { width: out.width(), color: out.color }))
      const [first] = findings
      if (first !== undefined) {
        const page = given.jaeger === undefined ? undefined : jaegerUrl(given.jaeger, settings.env)
        out.line(out.paint('dim', `→ ${whereToLook(first, story.run, given.file, page)}`))
      }
    }
    const counts = findings.some(
      ({ severity }) => severity === 'error' || (given.strict === true && severity === 'warning'),
    )
    return counts ? EXIT.findings : EXIT.ok
  },
)

/** A mode that the taxonomy lacks is null: JSON has no undefined. */
const plain = ({ mast, ...finding }: Finding) => ({ ...finding, mast: mast ?? null })

function whereToLook(
  { spans }: Finding,
  run: string | undefined,
  file: string | undefined,
  page: string | undefined,
): string {
  if (page !== undefined) return placeIn(page, `/trace/${spans[0]!.traceId}`)
  const source = file === undefined ? run : `--file ${JSON.stringify(file)}`
  return `skein trace ${source ?? ''} --all shows the spans, with --json by their ids`
}
