/** The report of a run, in Markdown: what was asked, what was done by whom, sources, checks, open points. */
import { z } from 'zod'
import { blobHashSchema } from '../../protocols/ids.ts'
import { reviewedTaskSchema, reviewFindingSchema } from '../../protocols/review.ts'
import { outcomeSchema } from '../../protocols/run.ts'
import { task } from '../../protocols/task.ts'

const standingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done'), peer: z.string(), result: task.messages.result.body }),
  z.object({ kind: z.literal('failed'), peer: z.string(), reason: z.string() }),
])

export const reportSchema = z.object({
  outcome: outcomeSchema,
  reason: z.string(),
  goal: z.string(),
  base: blobHashSchema,
  criteria: z.array(z.string()),
  tasks: z.array(reviewedTaskSchema.extend({ standing: standingSchema })),
  refusals: z.array(
    z.object({
      round: z.number(),
      /** What was refused, where that was a tree of the run. */
      tree: blobHashSchema.nullable(),
      summary: z.string(),
      revisions: z.array(z.object({ task: z.string(), findings: z.array(reviewFindingSchema) })),
      replies: z.array(z.object({ task: z.string(), summary: z.string() })),
    }),
  ),
  openPoints: z.array(z.string()),
})
export type ReportInput = z.infer<typeof reportSchema>

/** @param files what the patch changes. @param tree the tree that was judged */
export function reportText(report: ReportInput, files: readonly string[], tree: string): string {
  const { outcome, reason, goal, criteria, tasks, refusals, openPoints } = report
  return [
    `# ${goal}`,
    `**${outcome}**: ${reason}`,
    `Judged: tree \`${tree.slice(0, 12)}\`. The patch changes ${files.length === 0 ? 'nothing' : files.map((file) => `\`${file}\``).join(', ')}.`,
    section(
      'Criteria',
      criteria.map((criterion) => `- ${criterion}`),
    ),
    section('Who did what', tasks.flatMap(taskLines)),
    section('Review', refusals.flatMap(refusalLines)),
    section(
      'Open points',
      [...openPoints, ...tasks.flatMap(({ task: name, standing }) => openPointsOf(name, standing))].map(
        (point) => `- ${point}`,
      ),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

const section = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? '' : `## ${title}\n\n${lines.join('\n')}`

function taskLines({ task: name, title, standing }: ReportInput['tasks'][number]): string[] {
  if (standing.kind === 'failed')
    return [`- **${name}** (${title}): failed, ${standing.peer} says: ${standing.reason}`]
  const { summary, sources, checks } = standing.result
  const passed = checks.filter((check) => check.passed).length
  return [
    `- **${name}** (${title}), by ${standing.peer}: ${summary}.`,
    ...(sources.length > 0 ? [`  Sources: ${sources.join(', ')}.`] : []),
    ...(checks.length > 0 ? [`  Checks when it was merged: ${passed} of ${checks.length} passed.`] : []),
  ]
}

const refusalLines = ({ round, tree, summary, revisions, replies }: ReportInput['refusals'][number]) => [
  `- Round ${round}${tree === null ? '' : `, tree \`${tree.slice(0, 12)}\``}: refused. ${summary}.`,
  ...revisions.map(
    ({ task: name, findings }) => `  - to ${name}: ${findings.map(({ what }) => what).join('; ')}`,
  ),
  ...replies.map(({ task: name, summary: reply }) => `  - ${name} answered: ${reply}`),
]

const openPointsOf = (name: string, standing: ReportInput['tasks'][number]['standing']) =>
  standing.kind === 'done' ? standing.result.openPoints.map((point) => `${name}: ${point}`) : []
