/** The tool that the reviewer's machine ends with: the patch from the base to the judged tree, and the report. */
import { z } from 'zod'
import { blobHashSchema } from '../../protocols/ids.ts'
import { patchBetween } from '../../src/tools/patch.ts'
import { changedPaths } from '../../src/tools/scope.ts'
import { encodeText } from '../../src/tools/text.ts'
import { defineTool, ToolError } from '../../src/tools/tool.ts'
import { readTree } from '../../src/tools/tree.ts'
import { reportSchema, reportText } from './report.ts'

const output = z.object({ patch: blobHashSchema, report: blobHashSchema })

export const assembleResult = defineTool({
  name: 'assemble_result',
  description: 'Assembles the result of the run.',
  input: reportSchema,
  output,
  async run(report, { blobs, tree }) {
    if (tree === undefined) throw new ToolError('no-workspace', 'there is no tree to assemble a result from')
    const [before, after] = [await readTree(blobs, report.base), await readTree(blobs, tree)]
    const patch = await patchBetween(blobs, before, after)
    return {
      output: {
        patch: await blobs.put(encodeText(patch.text)),
        report: await blobs.put(encodeText(reportText(report, changedPaths(before, after), tree))),
      },
    }
  },
})

/** What it gave, of the event with which it is done. */
export const assembledIn = (event: unknown) =>
  (event as { readonly output: { readonly output: z.output<typeof output> } }).output.output
