/**
 * A run as one page that opens from a file: waterfall, sequence, topology and states. It holds all that it shows, asks
 * nothing of a network, and is made of the tree and the story alone.
 */
import { storyOf } from '../read/story.ts'
import { nodesOf, type TraceTree } from '../read/tree.ts'
import { createTexts } from './column.ts'
import { jsonForScript } from './escape.ts'
import { frame } from './frame.ts'
import { type HeadOptions, headOf, titleOf } from './head.ts'
import { packSpans, placesOf } from './packed-spans.ts'
import type { PageData } from './page-data.ts'
import { castOf } from './peers.ts'
import { pageScript } from './script.ts'
import { sequenceOf } from './sequence.ts'
import { statesOf } from './states.ts'
import { style } from './style.ts'
import { topologyOf } from './topology.ts'
import { foldsOf } from './waterfall.ts'

export type PageOptions = HeadOptions

/**
 * @throws SkeinError `page.not-built` where the package was not built
 * @example await writeFile('run.html', page(traceTree(spans), { goal: 'Make the failing tests pass' }))
 */
export function page(tree: TraceTree, options: PageOptions = {}): string {
  const story = storyOf(tree)
  const nodes = [...nodesOf(tree.roots)]
  const startMs = nodes.length === 0 ? 0 : story.startMs
  const places = placesOf(nodes)
  const cast = castOf(story)
  const texts = createTexts()
  const data: PageData = {
    ...{ startMs, lengthMs: nodes.length === 0 ? 0 : story.endMs - startMs },
    ...{ roles: cast.roles, peers: cast.peers },
    spans: packSpans(nodes, startMs, texts),
    folds: foldsOf(tree.roots, nodes),
    sequence: sequenceOf(story, cast, places),
    topology: topologyOf(story, cast),
    states: statesOf(story, cast, places),
    texts: texts.list,
  }
  return frame({
    ...{ title: titleOf(story, options), head: headOf(tree, nodes, story, options) },
    ...{ data: jsonForScript(data), style, script: pageScript() },
  })
}
