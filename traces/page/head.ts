/** The head of a page: what was wanted, how it ended, and in numbers what it took. Readable without the script. */
import { shortDuration } from '../read/duration.ts'
import type { Story } from '../read/story.ts'
import type { TraceNode, TraceTree } from '../read/tree.ts'
import { escapeHtml } from './escape.ts'

export type HeadOptions = {
  /** What the run was asked for; a trace does not say it. */
  readonly goal?: string
}

/** What the page is called. */
export const titleOf = (story: Story, { goal }: HeadOptions): string => goal ?? story.run ?? 'A trace'

export function headOf(
  tree: TraceTree,
  nodes: readonly TraceNode[],
  story: Story,
  options: HeadOptions,
): string {
  const { over, run } = story
  const outcome = over?.outcome ?? 'under way'
  const tone = over === undefined ? 'open' : outcome === 'completed' ? 'good' : 'bad'
  const reason = over === undefined ? 'no end was announced when this page was made' : over.reason
  const isNamed = run === undefined || options.goal === undefined
  const runHtml = isNamed ? '' : `<code class="run">${escapeHtml(run)}</code>`
  return `<header>
<div class="told">
<h1>${escapeHtml(titleOf(story, options))}${runHtml}</h1>
<p><span class="outcome ${tone}">${escapeHtml(outcome)}</span> ${escapeHtml(reason ?? '')}</p>
</div>
<dl>${factsOf(tree, nodes, story).map(factHtml).join('')}</dl>
</header>`
}

type Fact = {
  readonly name: string
  readonly value: string
  readonly note?: string
  readonly bad?: boolean
  /** What to look for to see them. */
  readonly find?: string
}

function factsOf(tree: TraceTree, nodes: readonly TraceNode[], story: Story): Fact[] {
  const failed = nodes.filter(({ span }) => span.status?.code === 'error').length
  const peers = new Set(story.turns.map(({ peer }) => peer)).size
  const ofKind = (wanted: 'chat' | 'tool') => story.effects.filter(({ kind }) => kind === wanted).length
  const facts: (Fact | false)[] = [
    { name: 'duration', value: tree.size === 0 ? '0 ms' : shortDuration(story.endMs - story.startMs) },
    { name: 'peers', value: number(peers) },
    { name: 'conversations', value: number(story.conversations.length) },
    { name: 'messages', value: number(story.messages.length) },
    { name: 'model calls', value: number(ofKind('chat')) },
    { name: 'tool calls', value: number(ofKind('tool')) },
    tokensOf(story),
    { name: 'spans', value: number(tree.size) },
    { name: 'failed spans', value: number(failed), ...(failed > 0 && { bad: true, find: 'is:failed' }) },
    story.takeovers.length > 0 && {
      ...{ name: 'takeovers', value: number(story.takeovers.length), find: 'is:takeover' },
    },
    tree.orphans.length > 0 && {
      ...{ name: 'orphans', value: number(tree.orphans.length), bad: true },
      note: 'spans whose parent is not in the trace',
    },
  ]
  return facts.filter((fact) => fact !== false)
}

/** A model that counts nothing leaves zeros, which would be read as free. */
function tokensOf({ effects }: Story): Fact {
  const sum = (key: 'inputTokens' | 'outputTokens') => effects.reduce((all, one) => all + one[key], 0)
  const [input, output] = [sum('inputTokens'), sum('outputTokens')]
  if (input + output === 0) return { name: 'tokens', value: 'unknown', note: 'no model call says how many' }
  return {
    ...{ name: 'tokens', value: number(input + output) },
    note: `${number(input)} read, ${number(output)} written`,
  }
}

const number = (count: number): string => count.toLocaleString('en-US')

function factHtml({ name, value, note, bad, find }: Fact): string {
  const shown = find
    ? `<button type="button" data-find="${escapeHtml(find)}" title="show them">${escapeHtml(value)}</button>`
    : escapeHtml(value)
  const title = note === undefined ? '' : ` title="${escapeHtml(note)}"`
  return `<div${bad ? ' class="bad"' : ''}${title}><dt>${escapeHtml(name)}</dt><dd>${shown}</dd></div>`
}
