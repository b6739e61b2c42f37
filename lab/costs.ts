/** What work costs the simulated agents: time, tokens and mistakes, drawn by what is asked. */
import type { Quantity } from './draws.ts'

export type Costs = {
  /** Milliseconds that one task takes. */
  readonly service: Quantity
  /** Of tasks that are not like the others, by name. */
  readonly services?: ReadonlyMap<string, Quantity>
  /** Milliseconds that a supervisor needs to read one result and say what is next. */
  readonly hub: Quantity
  readonly tokens: {
    /** Of a prompt without anything that others wrote. */
    readonly prompt: number
    readonly answer: Quantity
    /** Of the context of the model. */
    readonly limit: number
  }
  /** Share of the answers that are wrong by themselves. What rests on a wrong result is wrong. */
  readonly errors: number
  readonly review: {
    /** Milliseconds that one look takes. */
    readonly service: Quantity
    /** Share of the wrong results that a look finds. */
    readonly found: number
  } | null
}
