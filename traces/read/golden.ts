/**
 * A trace as text to compare with: names, kinds, states, status and links, and nothing that differs from one run to
 * the next. Ids become numbers in the order of the lines, times only decide that order.
 */
import { SKEIN } from '../names.ts'
import type { Span } from '../span.ts'
import { nodesOf, type TraceNode, traceTree } from './tree.ts'

/**
 * One line a span, indented below its parent.
 *
 * @example
 * 1 invoke_workflow mesh (internal)
 *   2 send role.planner (producer)
 *     3 turn run.goal (consumer) idle → planning
 *     4 execute_tool run_tests (internal) error: 2 of 14 tests failed
 *     5 turn task.result (consumer) waiting → drafting, links to 4
 */
export function normaliseTree(spans: readonly Span[]): string {
  const { roots } = traceTree(spans)
  const numbers = new Map([...nodesOf(roots)].map(({ span }, index) => [idOf(span), index + 1]))
  const lines: string[] = []
  const open = roots.map((node) => ({ node, indent: '' })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, indent } = next
    lines.push(`${indent}${lineOf(node, numbers)}\n`)
    for (const child of node.children.toReversed()) open.push({ node: child, indent: `${indent}  ` })
  }
  return lines.join('')
}

function lineOf({ span, orphan }: TraceNode, numbers: ReadonlyMap<string, number>): string {
  const { [SKEIN.stateFrom]: from, [SKEIN.stateTo]: to } = span.attributes
  const facts: string[] = []
  if (from !== undefined || to !== undefined) facts.push(`${from ?? ''} → ${to ?? ''}`.trim())
  if (span.status !== undefined) facts.push([span.status.code, span.status.message ?? []].flat().join(': '))
  if (span.links !== undefined && span.links.length > 0) {
    facts.push(`links to ${span.links.map((link) => numbers.get(idOf(link)) ?? 'elsewhere').join(', ')}`)
  }
  if (orphan) facts.push('orphan')
  return `${numbers.get(idOf(span))} ${span.name} (${span.kind}) ${facts.join(', ')}`.trimEnd()
}

const idOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string => `${traceId} ${spanId}`
