/** A Markdown document as its sections: what stands between one heading and the next. */
import { Lexer, type Token, walkTokens } from 'marked'
import { linesOf } from './text.ts'

export type CodeBlock = {
  /** The first word after the fence, or empty. */
  readonly language: string
  readonly text: string
}

export type Section = {
  /** As written, with its Markdown; empty for what comes before the first heading. */
  readonly heading: string
  /** The headings that it lies under, outermost first. */
  readonly above: readonly string[]
  /** The line that it begins in, counted from 1. */
  readonly line: number
  /** Markdown, the heading included. */
  readonly text: string
  /** Fenced code, in the order of the text, also from inside lists and quotes. */
  readonly code: readonly CodeBlock[]
}

export function sectionsOf(markdown: string): Section[] {
  const sections: Section[] = []
  const path: { depth: number; heading: string }[] = []
  let line = 1
  let open = { heading: '', above: [] as string[], line, tokens: [] as Token[] }

  const close = () => {
    const text = open.tokens.map(({ raw }) => raw).join('')
    if (text.trim() === '') return
    const { heading, above } = open
    sections.push({ heading, above, line: open.line, text: text.trimEnd(), code: fencedCode(open.tokens) })
  }

  for (const token of Lexer.lex(withoutFrontMatter(markdown))) {
    if (token.type === 'heading') {
      close()
      while (path.length > 0 && path[path.length - 1]!.depth >= token.depth) path.pop()
      open = { heading: token.text, above: path.map(({ heading }) => heading), line, tokens: [] }
      path.push({ depth: token.depth, heading: token.text })
    }
    line += token.raw.split('\n').length - 1
    if (token.type === 'space' && open.tokens.length === 0) open = { ...open, line }
    else open.tokens.push(token)
  }
  close()
  return sections
}

function fencedCode(tokens: Token[]): CodeBlock[] {
  const blocks: CodeBlock[] = []
  void walkTokens(tokens, (token) => {
    if (token.type !== 'code' || token.codeBlockStyle === 'indented') return
    blocks.push({ language: token.lang?.split(/\s/)[0] ?? '', text: token.text })
  })
  return blocks
}

/** YAML between two `---` would read as a heading: its lines are made empty, so that the others keep their numbers. */
function withoutFrontMatter(markdown: string): string {
  const found = /^---\r?\n[\s\S]*?\n---[^\S\n]*(?:\n|$)/.exec(markdown)
  if (found === null) return markdown
  return '\n'.repeat(linesOf(found[0]).length) + markdown.slice(found[0].length)
}
