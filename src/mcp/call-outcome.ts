/**
 * What an MCP server answers to a call, as the output of a tool: text and structured content under the tool's limit,
 * and a line in place of what a model cannot read here.
 */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { boundedOutput } from '../tools/output.ts'
import { encodeText } from '../tools/text.ts'
import { ToolError } from '../tools/tool.ts'
import type { CallToolResult } from './connection.ts'

/** At least one of them; both where they say different things. */
export const callOutputSchema = z.object({
  text: z.string().optional(),
  structured: z.unknown().optional(),
})

export type CallOutput = z.output<typeof callOutputSchema>

/** Bytes of an error's text: a model needs its beginning. */
const ERROR_BYTES = 4 * 1024

/** @throws ToolError `tool.mcp-error` where the server says that the call failed */
export function outputOf(
  { content, structuredContent, isError }: CallToolResult,
  tool: string,
  limitBytes: number,
): CallOutput {
  const text = content.map(textOf).join('\n')
  if (isError) {
    const said = bounded(text === '' ? JSON.stringify(structuredContent ?? 'nothing') : text, ERROR_BYTES)
    throw new ToolError('mcp-error', `"${tool}" failed: ${said}`)
  }
  if (structuredContent === undefined || repeats(text, structuredContent))
    return { text: bounded(text, limitBytes) }
  const json = JSON.stringify(structuredContent)
  const left = limitBytes - encodeText(json).length
  if (left < 0)
    return { text: bounded(text === '' || isJsonOf(text, structuredContent) ? json : text, limitBytes) }
  if (text === '' || isJsonOf(text, structuredContent)) return { structured: structuredContent }
  return { text: bounded(text, left), structured: structuredContent }
}

type Block = CallToolResult['content'][number]

function textOf(block: Block): string {
  switch (block.type) {
    case 'text':
      return block.text
    case 'image':
    case 'audio':
      return `[${block.type}, ${block.mimeType}, ${bytesOf(block.data)} bytes: not shown]`
    case 'resource_link':
      return `[resource ${block.uri}${block.mimeType ? `, ${block.mimeType}` : ''}: ${block.description ?? block.name}]`
    case 'resource': {
      const { resource } = block
      const about = `${resource.uri}${resource.mimeType ? `, ${resource.mimeType}` : ''}`
      return 'text' in resource
        ? `[resource ${about}]\n${resource.text}`
        : `[resource ${about}, ${bytesOf(resource.blob)} bytes: not shown]`
    }
    default:
      // Of a later protocol.
      return `[${(block as { type: string }).type}: not shown]`
  }
}

const bytesOf = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4)

/** Servers that give structure give it as text as well, for clients that do not know it: as JSON, or its one string. */
const repeats = (text: string, structured: unknown): boolean => {
  const values = typeof structured === 'object' && structured !== null ? Object.values(structured) : []
  return values.length === 1 && values[0] === text
}

function isJsonOf(text: string, structured: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(text), structured)
  } catch {
    return false
  }
}

function bounded(text: string, limitBytes: number): string {
  const output = boundedOutput(Math.max(0, limitBytes))
  output.add(encodeText(text))
  return output.read().output
}
