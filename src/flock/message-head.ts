/** What can be read of the envelope of a message, whatever else is wrong with it: for who looks on or cleans up. */
import { HEADER } from '../../protocols/envelope.ts'
import { messageIdSchema, nameOf, partsOf, type RunId, runIdSchema } from '../../protocols/ids.ts'
import type { Frame } from '../bus/frame.ts'

export type MessageHead = {
  readonly run?: RunId
  readonly type?: string
  /** The peer that sent it. */
  readonly from?: string
  /** `coder/fix`: the role addressed, and the conversation inside the run. */
  readonly to?: string
  /** Milliseconds since 1970. */
  readonly deadline?: number
}

export function headOf({ headers }: Pick<Frame, 'headers'>): MessageHead {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const header = (name: string) => lower.get(name.toLowerCase())
  const run = runIdSchema.safeParse(header(HEADER.run)).data
  const id = messageIdSchema.safeParse(header(HEADER.id)).data
  const [type, from, to, until] = [HEADER.type, HEADER.from, HEADER.to, HEADER.deadline].map(header)
  const deadline = /^\d{1,16}$/.test(until ?? '') ? Number(until) : undefined
  return {
    ...(run !== undefined && { run }),
    ...(type !== undefined && { type }),
    ...(from !== undefined && { from: from.slice(from.indexOf('/') + 1) }),
    ...(to !== undefined && { to: id === undefined ? to : `${to}/${nameOf(partsOf(id).to)}` }),
    ...(deadline !== undefined && { deadline }),
  }
}
