/** Text inside a Mermaid diagram: what would end a line, begin a comment or be taken for markup becomes an entity. */

/** Characters of a label; more is cut. */
const MAX_TEXT = 120

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '#': '#35;', ';': '#59;', '"': '#quot;', '<': '#lt;', '>': '#gt;', '&': '#amp;' },
  // Two of them begin a comment; braces after that, a directive.
  ...{ '%': '#37;', '{': '#123;', '}': '#125;', '\\': '#92;', '`': '#96;' },
}

/** On one line, never empty. */
export function mermaidText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const short = line.length > MAX_TEXT ? `${wholeCharacters(line.slice(0, MAX_TEXT - 1))}…` : line
  return (
    short
      .replace(/[#;"<>&%{}\\`]/g, (character) => ENTITIES[character]!)
      // Mermaid reads this at the head of a text as a command.
      .replace(/^((?:no)?wrap):/i, '$1#58;') || '-'
  )
}

/** Without half a surrogate pair at the end. */
const wholeCharacters = (text: string): string => text.replace(/[\ud800-\udbff]$/, '')
