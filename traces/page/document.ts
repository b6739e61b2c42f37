/**
 * A page that opens from a file. Its policy allows one script and one style sheet, by their hashes, and no network:
 * what agents or experiments wrote could not run or call out even if it were not escaped.
 */
import { createHash } from 'node:crypto'
import { escapeHtml } from './escape.ts'

export type DocumentParts = {
  /** Text. */
  readonly title: string
  readonly style: string
  /** HTML. */
  readonly body: string
  /** JSON that is safe in a script element. */
  readonly data: string
  readonly script: string
}

/** The script finds its data in `#data`. */
export function documentOf({ title, style, body, data, script }: DocumentParts): string {
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
${body}
<script type="application/json" id="data">${data}</script>
<script>${code}</script>
</body>
</html>
`
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
