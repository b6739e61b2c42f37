/**
 * JSON in which what is large and stands in several places is written once. A record has such parts: the outcome that
 * a turn took is also the last entry of its agent's transcript, and a file that a model writes is an argument in its
 * reply, in the calls that are still to be made, and in the effect that makes the first of them.
 *
 * A part becomes `{"$part":n}`, the n-th of `parts`, which may themselves name parts. A value that has such a field of
 * its own is written as it is. This is text to text: nothing in memory knows of it.
 */

/** Characters of JSON from which a part is worth a look; and of the whole. */
const PART_CHARS = 1_024
const WHOLE_CHARS = 32_768
/** Levels below which nothing is looked at: each costs its whole text once more, and models nest as they like. */
const MOST_LEVELS = 64

const MARK = '$part'
const NAMED = `"${MARK}"`

export type Shared = { readonly json: string; readonly parts: readonly string[] }

/** Undefined where nothing is gained, or it is nested too deep. @param json of the value */
export function sharing(value: unknown, json: string): Shared | undefined {
  if (json.length < WHOLE_CHARS || json.includes(NAMED)) return undefined
  const times = new Map<string, number>()
  if (!isCounted(value, json, times)) return undefined
  const parts: string[] = []
  const places = new Map<string, number>()

  /** @param isPart its own part is being written */
  function write(node: unknown, text: string, isPart = false): string {
    if (text.length < PART_CHARS) return text
    if (!isPart && times.get(text)! > 1) {
      const known = places.get(text) ?? placed(node, text)
      return `{${NAMED}:${known}}`
    }
    if (typeof node === 'string') return text
    const children = entriesOf(node).map(({ key, child, json }) => {
      const written = write(child, json)
      return key === undefined ? written : `${JSON.stringify(key)}:${written}`
    })
    return Array.isArray(node) ? `[${children.join(',')}]` : `{${children.join(',')}}`
  }

  function placed(node: unknown, text: string): number {
    const part = write(node, text, true)
    const place = parts.push(part) - 1
    places.set(text, place)
    return place
  }

  const written = write(value, json)
  return parts.length === 0 ? undefined : { json: written, parts }
}

/** The value as it was. @throws RangeError for a part that there is not */
export function withParts(value: unknown, parts: readonly unknown[]): unknown {
  const whole: unknown[] = []
  const put = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node
    if (Array.isArray(node)) return node.map(put)
    const place = (node as Readonly<Record<string, unknown>>)[MARK]
    if (typeof place === 'number') {
      // A part names only such as are before it.
      if (!(place in whole)) throw new RangeError(`it names part ${place}, which is not there`)
      return whole[place]
    }
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, put(child)]))
  }
  for (const part of parts) whole.push(put(part))
  return put(value)
}

/**
 * How often each large part stands in it. What is in one that was seen before is not counted again.
 * False where it goes too deep.
 */
function isCounted(node: unknown, text: string, times: Map<string, number>, level = 0): boolean {
  if (text.length < PART_CHARS) return true
  const before = times.get(text) ?? 0
  times.set(text, before + 1)
  if (before > 0 || typeof node === 'string') return true
  if (level === MOST_LEVELS) return false
  return entriesOf(node).every(({ child, json }) => isCounted(child, json, times, level + 1))
}

/** As `JSON.stringify` has them: without what it leaves out. */
function entriesOf(node: unknown): { key?: string; child: unknown; json: string }[] {
  if (Array.isArray(node)) return node.map((child) => ({ child, json: JSON.stringify(child) ?? 'null' }))
  return Object.entries(node as object).flatMap(([key, child]) => {
    const json = JSON.stringify(child)
    return json === undefined ? [] : [{ key, child, json }]
  })
}
