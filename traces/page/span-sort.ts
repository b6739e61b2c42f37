/** What a span is, told by its name: the names of `names.ts`, read back. */
import { GEN_AI_OPERATION } from '../names.ts'

const SORTS = {
  [GEN_AI_OPERATION.invokeAgent]: 'agent',
  [GEN_AI_OPERATION.executeTool]: 'tool',
  [GEN_AI_OPERATION.chat]: 'chat',
  turn: 'turn',
  send: 'send',
  relay: 'relay',
  ask_person: 'person',
  takeover: 'takeover',
} as const

export type SpanSort = (typeof SORTS)[keyof typeof SORTS] | 'other'

export function sortOf(name: string): SpanSort {
  const [verb = ''] = name.split(' ', 1)
  return Object.hasOwn(SORTS, verb) ? SORTS[verb as keyof typeof SORTS] : 'other'
}
