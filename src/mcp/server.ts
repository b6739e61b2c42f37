/** Where an MCP server is: a program to start, or an address. Plain data, so that a config file can hold it. */
import { z } from 'zod'

const prefix = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'use a-z, 0-9 and "_", beginning with a letter')
  .optional()
  .describe('before the names of its tools, with "_" between')

const programSchema = z.strictObject({
  command: z.string().min(1).describe('a program, looked up in PATH'),
  args: z.array(z.string()).optional(),
  cwd: z.string().optional().describe('where it is started; where skein was, unless given'),
  env: z
    .record(z.string(), z.string())
    .optional()
    .describe('set on top of an environment without secrets: PATH, LANG, LC_ALL and TZ'),
  passEnv: z.array(z.string()).optional().describe('names of variables to pass on as they are here'),
  prefix,
})

const addressSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('of its streamable HTTP endpoint'),
  headers: z.record(z.string(), z.string()).optional(),
  prefix,
})

export const mcpServerSchema = z.union([programSchema, addressSchema])

type ReadonlyDeep<Value> = Value extends object
  ? { readonly [Key in keyof Value]: ReadonlyDeep<Value[Key]> }
  : Value

export type McpProgram = ReadonlyDeep<z.output<typeof programSchema>>
export type McpAddress = ReadonlyDeep<z.output<typeof addressSchema>>
export type McpServer = McpProgram | McpAddress

/** For texts. Neither variables, nor headers, nor what may be a password in an address. */
export function nameOfServer(server: McpServer): string {
  if ('command' in server) return [server.command, ...(server.args ?? [])].join(' ')
  const { origin, pathname } = new URL(server.url)
  return `${origin}${pathname}`
}
