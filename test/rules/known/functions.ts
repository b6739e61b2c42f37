/** Functions that the rules can write without looking anything up, as a model has seen many of their kind. */
export type KnownFunction = {
  readonly name: string
  readonly code: string
  /** Mistakes that it knows from code of others: how they look, and what is wrong about them. */
  readonly flaws: readonly { readonly looks: RegExp; readonly wrong: string }[]
}

const words: KnownFunction = {
  name: 'words',
  code: `const APOSTROPHES = /[\\u2019]/g
const RUN = /[\\p{L}\\p{M}\\p{N}]+(?:'[\\p{L}\\p{M}\\p{N}]+)*/gu

export function words(text) {
  const plain = text.normalize('NFC').replace(APOSTROPHES, "'")
  return Array.from(plain.matchAll(RUN), ([word]) => word)
}`,
  flaws: [
    { looks: /\\w\+|split\(\/\\s\+\//, wrong: 'it takes the letters of English for all there are' },
    { looks: /^(?!.*normalize)/s, wrong: 'it does not compose accents before it looks for words' },
  ],
}

const wordFrequencies: KnownFunction = {
  name: 'wordFrequencies',
  code: `export const wordFrequencies = (text) => {
  const counts = new Map()
  for (const word of words(text)) {
    const key = word.toLowerCase()
    counts.set(key, 1 + (counts.get(key) ?? 0))
  }
  return Array.from(counts).sort(([, one], [, other]) => other - one)
}`,
  flaws: [{ looks: /counts = \{\}/, wrong: 'an object knows some words before any is counted' }],
}

const slugify: KnownFunction = {
  name: 'slugify',
  code: `export function slugify(title, { separator = '-', maxLength = Infinity } = {}) {
  const bare = title.normalize('NFD').replace(/\\p{M}/gu, '').toLowerCase()
  const [first, ...rest] = bare.split(/[^a-z0-9]+/).filter((part) => part !== '')
  if (first === undefined) return ''
  let slug = first.slice(0, maxLength)
  for (const part of rest) {
    const longer = \`\${slug}\${separator}\${part}\`
    if (longer.length > maxLength) return slug
    slug = longer
  }
  return slug
}`,
  flaws: [
    {
      looks: /new Map\(\)/,
      wrong: 'it remembers a slug by its title alone, and gives the first one again under other options',
    },
  ],
}

const parseCsv: KnownFunction = {
  name: 'parseCsv',
  code: `export function parseCsv(text, delimiter = ',') {
  const rows = []
  let row = []
  let field = ''
  let quoted = false
  let begun = false
  const endRow = () => {
    rows.push([...row, field])
    row = []
    field = ''
    begun = false
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (quoted) {
      if (char !== '"') field += char
      else if (text[at + 1] === '"') {
        field += '"'
        at++
      } else quoted = false
      continue
    }
    if (char === '\\r' && text[at + 1] === '\\n') continue
    if (char === '\\n') {
      endRow()
      continue
    }
    begun = true
    if (char === '"') quoted = true
    else if (char === delimiter) {
      row.push(field)
      field = ''
    } else field += char
  }
  if (begun) endRow()
  return rows
}`,
  flaws: [{ looks: /split\(delimiter\)/, wrong: 'it cuts quoted fields in two' }],
}

const wrap: KnownFunction = {
  name: 'wrap',
  code: `export const wrap = (text, width = 72) => {
  if (!Number.isInteger(width) || width < 1) {
    throw new RangeError(\`a width is a positive integer, and not \${width}\`)
  }
  const lines = []
  for (const word of text.split(/\\s+/)) {
    if (word === '') continue
    const line = lines.at(-1)
    const longer = \`\${line} \${word}\`
    if (line === undefined || longer.length > width) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}`,
  flaws: [{ looks: /slice\(|pieces/, wrong: 'it cuts long words' }],
}

export const FUNCTIONS: readonly KnownFunction[] = [words, wordFrequencies, slugify, parseCsv, wrap]

export const knownFunction = (name: string): KnownFunction | undefined =>
  FUNCTIONS.find((one) => one.name === name)
