/** How large a prompt is: what bounds its tokens before it is sent, and how much of it is other agents' talk. */
import type { PeerId } from '../../protocols/ids.ts'
import type { ChatRequest, TranscriptEntry } from '../model/model.ts'
import { mostTokens } from '../model/token-estimate.ts'
import { ASK_TOOL } from './setup.ts'

export type PromptSize = {
  /** UTF-8 bytes of all that is sent: instructions, transcript, schemas. */
  readonly bytes: number
  /** Those of them that other agents wrote: their messages, and their answers to questions. */
  readonly peerBytes: number
  /** At most so many. */
  readonly inputTokens: number
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** @param origin whose words are the user's, not another agent's */
export function promptSize(request: ChatRequest, origin: PeerId): PromptSize {
  const { instructions, transcript, tools, answers } = request
  const schemaBytes = jsonBytes(tools) + jsonBytes(answers)
  const isPeers = (entry: TranscriptEntry) =>
    entry.kind === 'message'
      ? entry.from !== origin
      : entry.kind === 'result' && entry.tool.startsWith(ASK_TOOL)
  const sizes = transcript.map((entry) => ({ bytes: jsonBytes(entry), isPeers: isPeers(entry) }))
  const sum = (some: typeof sizes) => some.reduce((total, { bytes }) => total + bytes, 0)
  const bytes = Buffer.byteLength(instructions) + schemaBytes + sum(sizes)
  return {
    bytes,
    peerBytes: sum(sizes.filter((size) => size.isPeers)),
    inputTokens: mostTokens({ bytes, schemaBytes, entries: transcript.length }),
  }
}
