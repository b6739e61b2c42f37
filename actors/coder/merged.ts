/** What the tool that merges work gave, for the machines that call it. */
import type { CheckResult } from '../../protocols/task.ts'
import type { ToolReply } from '../../src/role/setup.ts'
import type { MergeReport } from '../../src/tools/merge-work.ts'

export const mergeReportOf = (reply: ToolReply): MergeReport => reply.output as MergeReport

/** Of work that was merged, what its checks gave on the merged tree. */
export const mergedChecksOf = (reply: ToolReply): readonly CheckResult[] => {
  const report = mergeReportOf(reply)
  return report.kind === 'merged' ? report.checks : []
}

/** For the model: the checks that kept work from being merged, with what they said. */
export const failedChecks = ({ checks }: MergeReport & { readonly kind: 'rejected' }): string =>
  checks
    .filter(({ passed }) => !passed)
    .map(({ check, detail }) => `${check} (${detail})`)
    .join('; ')
