/** What all views are given, and what a view is. */
import { SKEIN } from '../../names.ts'
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

export const conversationOf = (attributes: Readonly<Record<string, unknown>>): string =>
  String(attributes[SKEIN.conversation] ?? '')
