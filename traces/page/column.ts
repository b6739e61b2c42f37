/**
 * A column of a page's data. Most columns of a long trace say the same everywhere, or one of a few texts: those are
 * written once. Read in the browser as well, so nothing of Node is used here.
 */
import type { AttributeValue } from '../span.ts'

export type Column =
  /** The same in every row. */
  | { readonly all: AttributeValue }
  /** Places in the table of texts. */
  | { readonly text: readonly number[] }
  | { readonly plain: readonly AttributeValue[] }

/** Texts, each kept once. */
export type Texts = {
  readonly list: readonly string[]
  /** Its place in the list. */
  placeOf(text: string): number
}

export function createTexts(): Texts {
  const places = new Map<string, number>()
  const list: string[] = []
  return {
    list,
    placeOf(text) {
      const known = places.get(text)
      if (known !== undefined) return known
      places.set(text, list.length)
      return list.push(text) - 1
    },
  }
}

export function columnOf(values: readonly AttributeValue[], texts: Texts): Column {
  const written = values.map(writable)
  const [first = ''] = written
  if (typeof first !== 'object' && written.every((value) => value === first)) return { all: first }
  if (written.every((value) => typeof value === 'string'))
    return { text: written.map((value) => texts.placeOf(value)) }
  return { plain: written }
}

/** JSON has no `NaN` and no `Infinity`, and would say nothing instead: they are said as text. */
export const writable = (value: AttributeValue): AttributeValue =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value

export function valueIn(column: Column, row: number, texts: readonly string[]): AttributeValue {
  if ('all' in column) return column.all
  return 'text' in column ? (texts[column.text[row]!] ?? '') : (column.plain[row] ?? '')
}

/** For each row whether what it says, as text, passes. Each text of the table is asked once. */
export function rowsWhere(
  column: Column,
  rows: number,
  textPasses: readonly boolean[],
  passes: (text: string) => boolean,
): (row: number) => boolean {
  if ('all' in column) {
    const all = rows > 0 && passes(String(column.all))
    return () => all
  }
  if ('text' in column) return (row) => textPasses[column.text[row]!] === true
  return (row) => passes(String(column.plain[row]))
}
