/**
 * Which spans of a tree a view shows, and the guides that lead to them. A long list keeps its beginning, its end,
 * what failed and where the work was handed on; what is too deep is cut off. One folded row stands for what is gone.
 */
import { nodesOf, type TraceNode } from './tree.ts'

export type Row =
  | { readonly kind: 'span'; readonly guides: string; readonly node: TraceNode }
  /** Stands for these nodes and all below them. */
  | { readonly kind: 'folded'; readonly guides: string; readonly nodes: readonly TraceNode[] }

export type RowOptions = {
  /** Levels below a root that are shown. */
  readonly maxDepth: number
  /** Fold nothing. */
  readonly all: boolean
}

/** A list longer than this is folded… */
const LONG_LIST = 14
/** …down to its first and its last, and of those between the first that failed or led to more. */
const KEPT = { first: 8, last: 3, failed: 4, branches: 8 }

/** Of one level: a node, or a list of them to be folded. */
export type Item = TraceNode | readonly TraceNode[]

export function rowsOf(roots: readonly TraceNode[], options: RowOptions): Row[] {
  const rows: Row[] = []
  // A stack, last first, since a chain of causes may be longer than the call stack.
  const open: { item: Item; depth: number; guides: string; below: string }[] = []

  function openAll(nodes: readonly TraceNode[], depth: number, below: string): void {
    const items: Item[] = options.all ? [...nodes] : depth > options.maxDepth ? [nodes] : foldLong(nodes)
    for (const [index, item] of [...items.entries()].reverse()) {
      const last = index === items.length - 1
      const [hook, line] = depth === 0 ? ['', ''] : last ? ['└ ', '  '] : ['├ ', '│ ']
      open.push({ item, depth, guides: below + hook, below: below + line })
    }
  }

  openAll(roots, 0, '')
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { item, depth, guides, below } = next
    if ('span' in item) {
      rows.push({ kind: 'span', guides, node: item })
      if (item.children.length > 0) openAll(item.children, depth + 1, below)
    } else rows.push({ kind: 'folded', guides, nodes: item })
  }
  return rows
}

/** What of a list is shown, and which runs of it are folded. `failed` says whether a node or one below it did. */
export function foldLong(
  nodes: readonly TraceNode[],
  failed = (node: TraceNode): boolean => hasFailed([node]),
): Item[] {
  if (nodes.length <= LONG_LIST) return [...nodes]
  let { failed: failures, branches } = KEPT
  const items: Item[] = []
  let hidden: TraceNode[] = []
  const hide = () => {
    if (hidden.length > 0) items.push(hidden.length === 1 ? hidden[0]! : hidden)
    hidden = []
  }
  for (const [index, node] of nodes.entries()) {
    const atEnd = index < KEPT.first || index >= nodes.length - KEPT.last
    const hasFailure = !atEnd && failed(node) && failures-- > 0
    const hasBranch = !atEnd && node.children.length > 0 && branches-- > 0
    if (atEnd || hasFailure || hasBranch) {
      hide()
      items.push(node)
    } else hidden.push(node)
  }
  hide()
  return items
}

/** Whether a span among these or below them ended in an error. */
export function hasFailed(nodes: readonly TraceNode[]): boolean {
  for (const { span } of nodesOf(nodes)) if (span.status?.code === 'error') return true
  return false
}

/** Those that ended in an error, and all above them. Each of `nodes` comes before those below it. */
export function hasFailedBelow(nodes: readonly TraceNode[]): ReadonlySet<TraceNode> {
  const failed = new Set<TraceNode>()
  for (const node of [...nodes].reverse())
    if (node.span.status?.code === 'error' || node.children.some((child) => failed.has(child)))
      failed.add(node)
  return failed
}
