/**
 * A trace as text to compare with: names, kinds, states, status and links, and nothing that differs from one run to
 * the next. Ids become numbers in the order of the lines; times decide that order at most.
 */
import { digestOf } from '../digest.ts'
import { SKEIN } from '../names.ts'
import type { Span } from '../span.ts'
import { linkKind } from './story.ts'
import { type TraceNode, traceTree } from './tree.ts'

export type NormaliseOptions = {
  /**
   * What decides the order of spans below one parent: their times, or, where peers work at the same time, their own
   * text, which is the same whoever was faster. `time` unless given.
   */
  readonly order?: 'time' | 'text'
  /** Spans to show, with all above them; all unless given. */
  readonly only?: (span: Span) => boolean
}

/** A line, and what is below it. */
type Branch = {
  readonly node: TraceNode
  readonly text: string
  readonly below: readonly Branch[]
  /** Equal for branches that say the same, all the way down. */
  readonly digest: string
}

/**
 * One line a span, indented below its parent.
 *
 * @example
 * 1 invoke_workflow mesh (internal)
 *   2 send role.planner (producer) run.goal
 *     3 turn run.goal (consumer) idle → planning
 *     4 execute_tool run_tests (internal) error: 2 of 14 tests failed
 *     5 turn task.result (consumer) waiting → drafting, links to 4
 */
export function normaliseTree(spans: readonly Span[], options: NormaliseOptions = {}): string {
  const branches = grow(traceTree(spans).roots, options)
  const numbers = numbersOf(branches)
  /** Where the order says nothing of time, of what is equal the first stands for all: links do not tell it either. */
  const firsts = options.order === 'text' ? firstOfEquals(branches, numbers) : numbers
  let text = ''
  for (const { branch, depth } of walk(branches)) {
    const { node } = branch
    const links = linksText(node.span, firsts)
    const line = [branch.text, links]
      .filter((part) => part !== '')
      .join(branch.text.endsWith(')') ? ' ' : ', ')
    text += `${'  '.repeat(depth)}${numbers.get(idOf(node.span))} ${line}\n`
  }
  return text
}

/** From the leaves up, since the order goes by what is below; a loop, since a chain of causes may be a long one. */
function grow(
  roots: readonly TraceNode[],
  { order = 'time', only = () => true }: NormaliseOptions,
): Branch[] {
  const nodes: TraceNode[] = []
  const open = [...roots]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    nodes.push(node)
    for (const child of node.children) open.push(child)
  }
  const branches = new Map<TraceNode, Branch>()
  const grown = (some: readonly TraceNode[]): Branch[] => {
    const found = some.flatMap((node) => branches.get(node) ?? [])
    if (order === 'text') found.sort(byText)
    return found
  }
  for (const node of nodes.reverse()) {
    const below = grown(node.children)
    if (below.length === 0 && !only(node.span)) continue
    const text = textOf(node)
    branches.set(node, { node, text, below, digest: digestOf([text, below.map(({ digest }) => digest)]) })
  }
  return grown(roots)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byText = (a: Branch, b: Branch): number => compare(a.text, b.text) || compare(a.digest, b.digest)

function numbersOf(branches: readonly Branch[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  for (const { branch } of walk(branches)) numbers.set(idOf(branch.node.span), numbers.size + 1)
  return numbers
}

/** For each span the number of the first one that says the same below what says the same. */
function firstOfEquals(
  branches: readonly Branch[],
  numbers: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const firsts = new Map<string, number>()
  const known = new Map<string, number>()
  const places: string[] = []
  for (const { branch, depth } of walk(branches)) {
    places.length = depth
    const place = digestOf([places.at(-1) ?? null, branch.digest])
    places.push(place)
    const id = idOf(branch.node.span)
    const first = known.get(place) ?? numbers.get(id)!
    known.set(place, first)
    firsts.set(id, first)
  }
  return firsts
}

function* walk(branches: readonly Branch[]): Generator<{ branch: Branch; depth: number }> {
  const open = branches.map((branch) => ({ branch, depth: 0 })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next
    const { below } = next.branch
    for (let index = below.length - 1; index >= 0; index--)
      open.push({ branch: below[index]!, depth: next.depth + 1 })
  }
}

/** All of a line but its numbers. */
function textOf({ span, orphan }: TraceNode): string {
  const { [SKEIN.stateFrom]: from, [SKEIN.stateTo]: to, [SKEIN.event]: event } = span.attributes
  const facts: string[] = []
  if (from !== undefined || to !== undefined) facts.push(`${from ?? ''} → ${to ?? ''}`.trim())
  else if (event !== undefined && !span.name.includes(String(event))) facts.push(String(event))
  if (span.status !== undefined) facts.push([span.status.code, span.status.message ?? []].flat().join(': '))
  if (orphan) facts.push('orphan')
  return `${span.name} (${span.kind}) ${facts.join(', ')}`.trimEnd()
}

/** `links to 4`, `redelivery of 2`, … */
function linksText({ links = [] }: Span, numbers: ReadonlyMap<string, number>): string {
  const texts = links.map((link) => {
    const number = numbers.get(idOf(link)) ?? 'elsewhere'
    const kind = linkKind(link.attributes)
    return kind === 'message' ? `${number}` : `${number} (${kind})`
  })
  return texts.length === 0 ? '' : `links to ${texts.join(', ')}`
}

const idOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string => `${traceId} ${spanId}`
