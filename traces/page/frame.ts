/** The document around a run: its head, the tabs, and a place for each view. */
import { documentOf } from './document.ts'

export type FrameParts = {
  readonly title: string
  /** HTML. */
  readonly head: string
  /** JSON that is safe in a script element. */
  readonly data: string
  readonly style: string
  readonly script: string
}

export const TABS = [
  { id: 'waterfall', name: 'Waterfall' },
  { id: 'sequence', name: 'Sequence' },
  { id: 'topology', name: 'Topology' },
  { id: 'states', name: 'States' },
] as const

export function frame({ head, ...parts }: FrameParts): string {
  const body = `${head}
<nav>
<div role="tablist" aria-label="Views">${TABS.map(tabHtml).join('')}</div>
<div class="find">
<output id="found" for="find"></output>
<input type="search" id="find" placeholder="Find in spans ( / )" aria-label="Find in spans" autocomplete="off" spellcheck="false">
</div>
</nav>
<main>
${TABS.map(({ id }) => `<section id="view-${id}" role="tabpanel" aria-labelledby="tab-${id}" hidden></section>`).join('\n')}
<aside id="panel" aria-label="Details" hidden></aside>
</main>
<noscript>This page draws a run with a script of its own. Its browser does not run scripts.</noscript>`
  return documentOf({ ...parts, body })
}

const tabHtml = ({ id, name }: (typeof TABS)[number]): string =>
  `<button type="button" role="tab" id="tab-${id}" aria-controls="view-${id}" aria-selected="false" tabindex="-1">${name}</button>`
