/** What a tool of `skein mcp` is, and what all of them have at hand. */
import type { z } from 'zod'
import type { Settings } from '../input/settings.ts'

export type Desk = {
  readonly settings: Settings
  readonly model: string | undefined
  /** An absolute path, without links: nothing outside of it is worked on. */
  readonly root: string
  /** Takes a line for people: standard error. */
  readonly say: (text: string) => void
  /** Aborted when the server is about to end. */
  readonly leaving: AbortSignal
}

export type McpCall = {
  /** Aborted when the client no longer wants an answer, and when the server is about to end. */
  readonly signal: AbortSignal
  /** Tells the client what happens, where it wants to know. */
  readonly tell: (text: string) => void
}

export type McpAnswer<Output> = {
  /** For the model of the assistant. */
  readonly text: string
  readonly structured: Output
}

export type McpTool<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: Input
  readonly output: Output
  readonly annotations: {
    readonly readOnlyHint?: boolean
    readonly destructiveHint?: boolean
    readonly idempotentHint?: boolean
    readonly openWorldHint?: boolean
  }
  /** @throws SkeinError, told to the client by code and text */
  answer(given: z.output<Input>, desk: Desk, call: McpCall): Promise<McpAnswer<z.input<Output>>>
}

export const mcpTool = <Input extends z.ZodType, Output extends z.ZodType>(
  tool: McpTool<Input, Output>,
): McpTool<Input, Output> => tool
