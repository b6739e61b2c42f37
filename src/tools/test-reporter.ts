/**
 * A reporter for Node's test runner that tells one event a line, as JSON, to a file. It reaches the runner through
 * NODE_OPTIONS, since arguments after a script's file names are not read as options (Node 20 takes them for files,
 * Node 24 ignores them), and it is a `data:` URL, so that no path needs quoting. It appends by itself: the runner
 * would empty its destination for each `node --test` of a script.
 */
import { z } from 'zod'

/** Names the file to append to. */
export const REPORT_VARIABLE = 'SKEIN_TEST_REPORT'

/** Characters of one message or stack. */
const TEXT_LIMIT_CHARS = 8_000
/** Characters of standard error that are reported, of all files together. */
const PRINTED_LIMIT_CHARS = 100_000

// What goes to the file: Node's own event, less what differs between its versions or has no bound.
const REPORTER = `
import { appendFileSync } from 'node:fs'
const cut = (text) => text === undefined ? undefined : String(text).slice(0, ${TEXT_LIMIT_CHARS})
const given = (mark) => mark !== undefined && mark !== false
let printed = 0
export default async function* (events) {
  for await (const { type, data } of events) {
    if (!/^test:(dequeue|complete|start|pass|fail|stderr|plan|interrupted)$/.test(type)) continue
    if (type === 'test:stderr' && (printed += data.message.length) > ${PRINTED_LIMIT_CHARS}) continue
    const failure = data?.details?.error
    const error = failure?.cause ?? failure
    const line = {
      type,
      name: data?.name ?? '',
      nesting: data?.nesting ?? 0,
      file: data?.entryFile ?? data?.file ?? '',
      at: data?.line + ':' + data?.column,
      suite: data?.details?.type === 'suite',
      skipped: given(data?.skip) || given(data?.todo),
      failureType: failure?.failureType,
      signal: failure?.signal ?? undefined,
      error: failure && cut(error?.message ?? error),
      stack: cut(error?.stack),
      text: cut(data?.message),
    }
    appendFileSync(process.env.${REPORT_VARIABLE}, JSON.stringify(line) + '\\n')
  }
}
`

/** NODE_OPTIONS that add the reporter to the one people read. */
export const REPORTER_OPTIONS = [
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  `--test-reporter=data:text/javascript,${encodeURIComponent(REPORTER)}`,
  '--test-reporter-destination=stdout', // where it writes nothing
].join(' ')

const testEventSchema = z.object({
  type: z.string(),
  name: z.string(),
  nesting: z.number(),
  /** Absolute, or relative to the directory of the tests. */
  file: z.string(),
  /** Line and column of the test. */
  at: z.string(),
  /** Whether it is a `describe`, which has no verdict of its own. */
  suite: z.boolean(),
  skipped: z.boolean(),
  /** `subtestsFailed`, `testCodeFailure`, `hookFailed`, … */
  failureType: z.string().optional(),
  /** Of a file: the signal that ended its process. */
  signal: z.string().optional(),
  error: z.string().optional(),
  stack: z.string().optional(),
  /** What was printed to standard error. */
  text: z.string().optional(),
})
export type TestEvent = z.infer<typeof testEventSchema>

/** The events of a report; a last line that was cut off is left out. */
export const parseTestEvents = (report: string): TestEvent[] =>
  report
    .split('\n')
    .slice(0, -1)
    .map((line) => testEventSchema.parse(JSON.parse(line)))
