/** What the coder's model ends a piece of work with. */
import { z } from 'zod'
import type { BlobHash } from '../../protocols/ids.ts'
import type { CheckResult, TaskResult } from '../../protocols/task.ts'

export const workSchema = z
  .object({
    summary: z.string().describe('what was done, in a sentence or two'),
    changed: z
      .boolean()
      .describe('whether what you changed is to be merged; with false your changes are thrown away'),
    sources: z.array(z.string()).describe('documents that the work rests on, like "docs/page.md:12"'),
    failing: z
      .array(z.string())
      .describe(
        'full names of tests of the checks that still fail for no fault of this work: they do not keep it from being merged',
      ),
    openPoints: z
      .array(z.string())
      .describe('what is missing, what you could not check, what others should know'),
  })
  .describe('The work is done')
export type Work = z.infer<typeof workSchema>

export const workAnswer = { type: 'work', body: workSchema }

/** Work that was sent back and stands as it was. */
export const notImproved = (problem: string | null): Work => ({
  summary: `not improved: ${problem}`,
  changed: false,
  sources: [],
  failing: [],
  openPoints: [problem ?? 'gave up'],
})

/** The work as others get it. @param tree the head with it in */
export const resultOf = (
  { summary, changed, sources, openPoints }: Work,
  tree: BlobHash | null,
  checks: readonly CheckResult[],
): TaskResult => ({
  ...{ summary, findings: [], tree: changed ? tree : null, sources },
  ...{ checks: [...checks], openPoints },
})
