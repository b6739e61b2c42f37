/**
 * A page of HTML as text: its words in their order, headings, lists, links and code told apart a little. It is a pass
 * over the marks, not a browser: it runs no script, knows no style sheet, and shows what that would hide. Who needs more
 * asks for the page as it is.
 */

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  copy: '©',
  times: '×',
  rarr: '→',
}

/** Elements whose content is no text for people. */
const SILENT = ['title', 'script', 'style', 'noscript', 'template', 'svg', 'iframe', 'object']
const BLOCKS =
  /^(?:address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|header|hr|main|nav|ol|p|section|summary|table|tbody|thead|tr|ul)$/

export type Readable = { readonly title: string; readonly text: string }

export function readableHtml(html: string): Readable {
  const blocks: string[] = []
  let [block, title, silent, isPre] = ['', '', '', false]
  const links: string[] = []

  /** Ends what was begun, and begins the next with a mark. */
  function begin(mark = ''): void {
    const told = isPre
      ? block.replace(/^\n+/, '').trimEnd()
      : block
          .replace(/[^\S\n]+/g, ' ')
          .replace(/ ?\n ?/g, '\n')
          .trim()
    if (told !== '' && !/^(?:#+|-)$/.test(told)) blocks.push(isPre ? `\`\`\`\n${told}\n\`\`\`` : told)
    block = mark
  }

  function link(isClosing: boolean, attributes: string): void {
    if (!isClosing) {
      links.push(/\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes)?.slice(1).join('') ?? '')
      return
    }
    const to = decoded(links.pop() ?? '')
    if (/^(?:https?:\/)?\//.test(to)) block += ` (${to})`
  }

  function mark(name: string, isClosing: boolean, attributes: string): void {
    if (/^h[1-6]$/.test(name)) begin(isClosing ? '' : `${'#'.repeat(Number(name[1]))} `)
    else if (name === 'pre') {
      begin()
      isPre = !isClosing
    } else if (name === 'li') begin(isClosing ? '' : '- ')
    else if (name === 'br') block += '\n'
    else if (name === 'td' || name === 'th') block += isClosing ? ' | ' : ''
    else if (name === 'code' && !isPre) block += '`'
    else if (name === 'a') link(isClosing, attributes)
    else if (BLOCKS.test(name) && !isPre) begin(/^[#-]+ $/.test(block) ? block : '')
  }

  for (const token of tokensOf(html)) {
    if (token.kind === 'text') {
      if (silent === 'title') title += decoded(token.text)
      else if (silent === '') block += isPre ? decoded(token.text) : decoded(token.text).replace(/\s+/g, ' ')
    } else if (silent !== '') {
      if (token.isClosing && token.name === silent) silent = ''
    } else if (SILENT.includes(token.name)) {
      if (!token.isClosing && !token.attributes.endsWith('/')) silent = token.name
    } else mark(token.name, token.isClosing, token.attributes)
  }
  begin()
  const text = blocks.reduce((all, one, index) => {
    const follows = one.startsWith('- ') && blocks[index - 1]?.startsWith('- ')
    return index === 0 ? one : `${all}${follows ? '\n' : '\n\n'}${one}`
  }, '')
  return { title: title.replace(/\s+/g, ' ').trim(), text }
}

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tag'; readonly name: string; readonly isClosing: boolean; readonly attributes: string }

/** Each character is looked at once, however the page is broken. */
function* tokensOf(html: string): Generator<Token> {
  for (let at = 0; at < html.length; ) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4)
      at = end === -1 ? html.length : end + 3
    } else if (html[at] === '<' && /[a-z/!?]/i.test(html[at + 1] ?? '')) {
      const end = endOfTag(html, at)
      const tag = /^<(\/?)([a-z][a-z0-9-]*)/i.exec(html.slice(at, Math.min(end, at + 60)))
      if (tag !== null) {
        const attributes = html.slice(at + tag[0].length, end - 1)
        yield { kind: 'tag', name: tag[2]!.toLowerCase(), isClosing: tag[1] !== '', attributes }
      }
      at = end
    } else {
      const next = html.indexOf('<', at + 1)
      const end = next === -1 ? html.length : next
      yield { kind: 'text', text: html.slice(at, end) }
      at = end
    }
  }
}

/** After its `>`; a quote may hold one. */
function endOfTag(html: string, from: number): number {
  let quote = ''
  for (let at = from + 1; at < html.length; at++) {
    const character = html[at]!
    if (quote !== '') quote = character === quote ? '' : quote
    else if (character === '>') return at + 1
    else if (character === '"' || character === "'") quote = character
  }
  return html.length
}

const decoded = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[(name as string).toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
      ? String.fromCodePoint(code)
      : whole
  })
