/** What all views are given, and what a view is. */
import { GEN_AI_OPERATION, SKEIN } from '../../names.ts'
import type { PageData } from '../page-data.ts'
import type { SpanReader } from '../span-reader.ts'
import type { PageState } from './state.ts'

export type PageContext = {
  readonly data: PageData
  readonly spans: SpanReader
  readonly state: PageState
  /** 1 for each span that is looked for; undefined where nothing is. */
  matches(): Uint8Array | undefined
}

export type PageView = {
  readonly element: HTMLElement
  /** Draws what is to be seen now. Only called while the view is on the screen. */
  refresh(): void
  /** Brings the chosen span on the screen, where this view shows it. */
  reveal(): void
  /** True where the view has made use of the key. */
  press?(event: KeyboardEvent): boolean
}

/** The custom property with the colour of a role; there are eight, and who comes later shares. */
export const roleShade = (role: number): string => (role < 0 ? 'role-none' : `role-${role % 8}`)

export type SpanSort = 'agent' | 'turn' | 'send' | 'chat' | 'tool' | 'takeover' | 'other'

/** What a span is, by its name. */
export function sortOf(name: string): SpanSort {
  const [verb] = name.split(' ', 1)
  if (verb === GEN_AI_OPERATION.invokeAgent) return 'agent'
  if (verb === GEN_AI_OPERATION.executeTool) return 'tool'
  return (['turn', 'send', 'chat', 'takeover'] as const).find((sort) => sort === verb) ?? 'other'
}

export const conversationOf = (attributes: Readonly<Record<string, unknown>>): string =>
  String(attributes[SKEIN.conversation] ?? '')
