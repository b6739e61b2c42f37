/**
 * What a model thinks aloud, taken out of its text. Servers without a parser for a model's reasoning leave it in the
 * content, in tags at its very beginning: `<think>…</think>` (Qwen, DeepSeek), `[THINK]…[/THINK]` (Magistral).
 */

const TAGS: ReadonlyMap<string, string> = new Map([
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['[THINK]', '[/THINK]'],
])

export interface Thinking {
  /** What of the added content is said, and not thought. */
  take(content: string): string
  /** What was held back and turned out to be said. */
  rest(): string
}

export function createThinking(): Thinking {
  let state: 'begins' | 'thinks' | 'says' = 'begins'
  let held = ''
  let closing = ''

  function begin(): string {
    const begun = held.trimStart()
    const opening = [...TAGS.keys()].find((tag) => begun.startsWith(tag))
    if (opening !== undefined) {
      state = 'thinks'
      closing = TAGS.get(opening)!
      held = begun.slice(opening.length)
      return think()
    }
    // It may still become one.
    if ([...TAGS.keys()].some((tag) => tag.startsWith(begun))) return ''
    // What parts the thinking from the text is neither.
    return say(closing === '' ? held : begun)
  }

  function think(): string {
    const end = held.indexOf(closing)
    if (end < 0) {
      // Only its end matters: where the closing tag may have begun.
      held = held.slice(-(closing.length - 1))
      return ''
    }
    const said = held.slice(end + closing.length).trimStart()
    if (said !== '') return say(said)
    state = 'begins'
    held = ''
    return ''
  }

  function say(text: string): string {
    state = 'says'
    held = ''
    return text
  }

  return {
    take(content) {
      if (state === 'says') return content
      held += content
      return state === 'begins' ? begin() : think()
    },
    rest: () => (state === 'begins' ? say(closing === '' ? held : held.trimStart()) : ''),
  }
}

/**
 * What follows the thinking where only its end was marked: templates that begin the thinking for the model leave the
 * opening tag out of its reply (Qwen3, QwQ; ggml-org/llama.cpp#15052). Undefined where there is no such mark.
 */
export function afterThinking(text: string): string | undefined {
  const ends = [...TAGS.values()].map(
    (tag) => text.lastIndexOf(tag) + tag.length * Number(text.includes(tag)),
  )
  const end = Math.max(...ends)
  return end > 0 ? text.slice(end) : undefined
}
