/** Frames as NATS messages and back. The bus's own headers, `Nats-…`, are added and taken off on the way. */
import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node'
import { InvalidError } from '../../../protocols/errors.ts'
import type { Frame } from '../frame.ts'
import { reason } from './failures.ts'

/** NATS trims values. @throws InvalidError where it cannot carry a name or a value: a line break in it, for one */
export function headersOf(frame: Frame): MsgHdrs {
  const written = headers()
  for (const [name, value] of Object.entries(frame.headers)) {
    try {
      written.append(name, value)
    } catch (error) {
      throw new InvalidError('header', `the header "${name}" cannot be sent: ${reason(error)}`, {
        cause: error,
      })
    }
  }
  return written
}

export function frameOf(message: Pick<Msg, 'headers' | 'data'>): Frame {
  const read: [string, string][] = []
  for (const [name, values] of message.headers ?? []) {
    if (!/^nats-/i.test(name)) read.push([name, values[0] ?? ''])
  }
  return { headers: Object.fromEntries(read), body: bytesOf(message.data) }
}

/** A copy: what the client hands out is a window on all that came in the same packet, and keeps it alive. */
export const bytesOf = (data: Uint8Array): Uint8Array => new Uint8Array(data)
