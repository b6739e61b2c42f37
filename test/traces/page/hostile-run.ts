/** A run whose agents wrote markup into everything that they name. */
import { SKEIN } from '../../../traces/names.ts'
import type { Span } from '../../../traces/span.ts'
import { sampleRun } from '../sample-run.ts'

export const HOSTILE = {
  script: '</script><script>document.title = "taken"</script>',
  image: '<img src=x onerror="document.title = \'taken\'">',
  comment: '<!-- <script>',
  lines: 'one\u2028two\u2029three',
  proto: '__proto__',
} as const

export const hostileRun = (): Span[] =>
  sampleRun().map((span) => ({
    ...span,
    name: span.name.includes('chat') ? `chat ${HOSTILE.script}` : span.name,
    attributes: {
      ...span.attributes,
      ...(span.attributes[SKEIN.conversation] === 'code' && { [SKEIN.conversation]: HOSTILE.image }),
      ...(span.attributes[SKEIN.outcome] === 'completed' && { [SKEIN.reason]: HOSTILE.image }),
      [HOSTILE.image]: HOSTILE.comment,
      lines: HOSTILE.lines,
    },
    ...(span.status && { status: { code: 'error' as const, message: HOSTILE.script } }),
  }))
