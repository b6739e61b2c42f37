/** What a call of `merge_work` would bring into the head of the run, for a person who has to approve it. */
import type { BlobHash } from '../../protocols/ids.ts'
import type { Check } from '../../protocols/task.ts'
import { readHead } from './head.ts'
import { mergeTrees } from './merge.ts'
import { changesBetween, commandText, nameText } from './preview.ts'
import { withinScope } from './scope.ts'
import type { Preview, ToolContext } from './tool.ts'
import { readTree } from './tree.ts'

type Merging = {
  readonly base: BlobHash
  readonly checks: readonly Check[]
  readonly excused: readonly string[]
  readonly files?: readonly string[] | undefined
}

/** Against the head as it is when somebody is asked; what is merged until they decide is said to come before it. */
export async function previewOfMerge(
  { base, checks, excused, files }: Merging,
  { blobs, records, run, tree }: ToolContext,
): Promise<Preview> {
  if (tree === undefined) return { text: 'would fail: there is no tree to merge' }
  const [from, work] = [await readTree(blobs, base), await readTree(blobs, tree)]
  const head = (await readHead(records, run))?.tree ?? base
  const now = await readTree(blobs, head)
  const outside = files === undefined ? [] : withinScope(from, work, files).outside
  const merge = await mergeTrees(blobs, { base: from, ours: now, theirs: work })
  const changes =
    merge.kind === 'merged'
      ? await changesBetween(blobs, now, merge.tree)
      : await changesBetween(blobs, from, work)
  const lines = [...changes.files]
  if (outside.length > 0) {
    const text = `would merge nothing, since it changes what its task may not: ${outside.map(nameText).join(', ')}`
    return { text: [text, ...lines].join('\n'), patch: changes.patch }
  }
  if (merge.kind === 'overlap') {
    const paths = merge.conflicts.map(({ path }) => nameText(path)).join(', ')
    const text = `would merge nothing, since others changed the same places meanwhile: ${paths}`
    return {
      text: [text, ...lines, 'the patch is against what the work began at'].join('\n'),
      patch: changes.patch,
    }
  }
  return {
    text: [
      `merges work into the head of the run: ${changes.summary}`,
      ...lines,
      checks.length === 0
        ? 'no check goes before it'
        : `it is merged only if these hold on the merged tree: ${checks.map(checkText).join('; ')}`,
      ...(checks.length > 0 && excused.length > 0 ? [`of those, these may fail: ${quoted(excused)}`] : []),
      'the patch is against the head as it was when this was asked; what others merge before it stays',
    ].join('\n'),
    patch: changes.patch,
  }
}

function checkText(check: Check): string {
  if (check.kind === 'suite') return 'all tests'
  if (check.kind === 'command') return commandText(check.argv)
  return `the test${check.names.length > 1 ? 's' : ''} ${quoted(check.names)}`
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')
