/** The schema of an MCP tool's input: checked here as far as zod can, told to the model as the server wrote it. */
import { z } from 'zod'

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0]

/** What zod has no word for, conditions for instance, is left to the server to check. */
export function inputSchema(given: Readonly<Record<string, unknown>>): z.ZodType {
  const schema = translated(given as JsonSchema)
  schema._zod.toJSONSchema = () => ({ ...given })
  return schema
}

function translated(given: JsonSchema): z.ZodType {
  try {
    return z.fromJSONSchema(given)
  } catch {
    return z.record(z.string(), z.unknown())
  }
}
