/**
 * Messages out of the bytes of a pipe, one a line. What stands on a line and is no message is passed over: servers
 * write their logs there as well, as words or as JSON. The SDK's own buffer copies all it holds with each chunk, and
 * throws at JSON that is no message.
 */
import { deserializeMessage, type JSONRPCMessage } from '@modelcontextprotocol/client'

/** Bytes of one message. A larger one is a mistake, or a file that no model can read. */
export const MESSAGE_LIMIT_BYTES = 10 * 2 ** 20

const NEWLINE = 10

export interface MessageLines {
  /** The messages that are whole with this chunk. @throws Error when a line is longer than the limit */
  take(chunk: Buffer): JSONRPCMessage[]
}

export function messageLines(limitBytes = MESSAGE_LIMIT_BYTES): MessageLines {
  let begun: Buffer[] = []
  let bytes = 0

  function hold(part: Buffer): void {
    bytes += part.length
    if (bytes > limitBytes) throw new Error(`it sent a message of more than ${limitBytes} bytes`)
    begun.push(part)
  }

  function line(): string {
    const text = Buffer.concat(begun).toString()
    begun = []
    bytes = 0
    return text
  }

  return {
    take(chunk) {
      const messages: JSONRPCMessage[] = []
      let from = 0
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, end))
        from = end + 1
        const message = messageOn(line())
        if (message !== undefined) messages.push(message)
      }
      hold(chunk.subarray(from))
      return messages
    },
  }
}

function messageOn(line: string): JSONRPCMessage | undefined {
  try {
    return deserializeMessage(line)
  } catch {
    return undefined
  }
}
