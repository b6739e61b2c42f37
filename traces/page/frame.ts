/**
 * The document around a run. Its policy allows one script and one style sheet, by their hashes, and no network: what
 * agents wrote could not run or call out even if it were not escaped.
 */
import { createHash } from 'node:crypto'
import { escapeHtml } from './escape.ts'

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

export function frame({ title, head, data, style, script }: FrameParts): string {
  const code = script.replace(/<(?=\/script|!--)/gi, '\\x3c')
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(code)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)} · skein</title>
<style>${style}</style>
</head>
<body>
${head}
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
<noscript>This page draws a run with a script of its own. Its browser does not run scripts.</noscript>
<script type="application/json" id="data">${data}</script>
<script>${code}</script>
</body>
</html>
`
}

const tabHtml = ({ id, name }: (typeof TABS)[number]): string =>
  `<button type="button" role="tab" id="tab-${id}" aria-controls="view-${id}" aria-selected="false" tabindex="-1">${name}</button>`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
