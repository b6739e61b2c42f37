/**
 * Tool calls out of their fragments. By the protocol a fragment belongs to the call of its index, the first one of a
 * call has its id and name, and arguments are text that is put together. What servers do instead:
 *
 * - no index, or 0 for all calls of a reply: Ollama (ollama/ollama#7881, #15457, #15497);
 * - a whole call in one fragment: Ollama, LM Studio, vLLM with some parsers;
 * - the name again in every fragment: llama.cpp (ggml-org/llama.cpp#12379);
 * - no ids, or the same one for all calls.
 */
import type { CallFragment } from './chunk.ts'

export type CallParts = { readonly id: string; readonly name: string; readonly input: string }

export interface Calls {
  take(fragment: CallFragment): void
  /** In the order in which they began, by index where there is a true one. Ids may be empty or the same. */
  parts(): readonly CallParts[]
}

type Call = { index: number | undefined; id: string; name: string; input: string }

export function createCalls(): Calls {
  const calls: Call[] = []

  /** The call that a fragment continues, if it continues one. */
  function continued({ index, id, function: part }: CallFragment): Call | undefined {
    const known = id ? calls.findLast((call) => call.id === id && sameIndex(call, index)) : undefined
    const call = known ?? calls.findLast((other) => sameIndex(other, index))
    if (call === undefined) return undefined
    if (id && call.id !== '' && call.id !== id) return undefined
    // A call that is whole is not continued by another whole one, nor one without ids by another name.
    if (part?.name && isWhole(call.input) && isWhole(part.arguments ?? '')) return undefined
    if (part?.name && call.name !== '' && part.name !== call.name) return undefined
    return call
  }

  return {
    take(fragment) {
      let call = continued(fragment)
      if (call === undefined) {
        call = { index: fragment.index ?? undefined, id: '', name: '', input: '' }
        calls.push(call)
      }
      call.id ||= fragment.id ?? ''
      call.name ||= fragment.function?.name ?? ''
      call.input += fragment.function?.arguments ?? ''
    },
    // Sorting is stable: calls that share an index stay as they came.
    parts: () => calls.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)),
  }
}

/** Without an index a fragment may belong to any call, and the last one is meant. */
const sameIndex = (call: Call, index: number | null | undefined) =>
  index === undefined || index === null || call.index === index

function isWhole(input: string): boolean {
  if (!input.trimEnd().endsWith('}')) return false
  try {
    JSON.parse(input)
    return true
  } catch {
    return false
  }
}
