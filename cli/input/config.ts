/**
 * The config file, `skein.config.{js,mjs,json}` in the working directory: what one would otherwise repeat on every
 * command line. What the command line says counts more.
 */
import { access, readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { issuesOf } from '../../protocols/parse.ts'
import { SANDBOX_WISHES } from '../../src/flock/choose-sandbox.ts'
import { type McpServer, mcpServerSchema } from '../../src/mcp/server.ts'
import { pricesSchema } from '../../src/model/prices.ts'
import { PLACEMENTS } from '../../src/topology/topology.ts'
import { CONFIG_NAMES } from './config-names.ts'
import { CliError } from './error.ts'

const configSchema = z.strictObject({
  /** URL of a NATS server. */
  nats: z.string().optional(),
  /** Where runs, logs and the private server are kept. */
  stateDir: z.string().optional(),
  model: z.string().optional(),
  /** Models to fall back on, for roles that name none. */
  fallbacks: z.array(z.string()).optional(),
  /** What the model's endpoint takes a minute, where it does not say so; 0: no limit. */
  rates: z
    .strictObject({
      requestsPerMinute: z.number().int().min(0).optional(),
      tokensPerMinute: z.number().int().min(0).optional(),
    })
    .optional(),
  /** USD per million tokens, by model: what counts more than the list that skein brings. */
  prices: pricesSchema.optional(),
  /** Peers of each role. */
  peers: z.record(z.string(), z.number().int().min(0)).optional(),
  /** What a run may spend: tokens, US dollars, messages; and how long a chain of messages may be. */
  limits: z
    .strictObject({
      tokens: z.number().int().positive().optional(),
      cost: z.number().positive().optional(),
      messages: z.number().int().positive().optional(),
      hops: z.number().int().positive().optional(),
    })
    .optional(),
  /** Tools whose calls wait for a person's approval. */
  approve: z.array(z.string()).optional(),
  /** `10m` */
  timeout: z.string().optional(),
  /** How often a review may send work back. */
  rounds: z.number().int().min(0).optional(),
  /** Directory of the documents. */
  documents: z.string().optional(),
  /** How the peers are wired: a name, or a file. */
  topology: z.string().optional(),
  /** How work finds its peer. */
  placement: z.enum(PLACEMENTS).optional(),
  /** What the commands of agents run in. */
  sandbox: z.enum(SANDBOX_WISHES).optional(),
  /** Roles of one's own: Markdown files, and modules. */
  roles: z.array(z.string()).optional(),
  /** MCP servers by name: a role that is text names their tools as `mcp:NAME/TOOL`. */
  mcp: z.record(z.string().regex(/^[\w-]+$/), mcpServerSchema).optional(),
})

export type Config = Omit<z.infer<typeof configSchema>, 'mcp'> & {
  readonly mcp?: Readonly<Record<string, McpServer>>
}

/** The config and its file, with the paths in it made absolute; empty where there is no file. */
export async function readConfig(
  named: string | undefined,
  cwd: string,
): Promise<{ readonly config: Config; readonly file?: string }> {
  const file = named === undefined ? await find(cwd) : resolve(cwd, named)
  if (file === undefined) return { config: {} }
  const parsed = configSchema.safeParse(await load(file))
  if (!parsed.success) throw new CliError('config', `"${file}" does not fit: ${issuesOf(parsed.error)}`)
  const at = (path: string) => resolve(dirname(file), path)
  const { stateDir, documents, roles, mcp, ...rest } = parsed.data
  const started = (server: McpServer): McpServer =>
    'cwd' in server && server.cwd !== undefined ? { ...server, cwd: at(server.cwd) } : server
  return {
    file,
    config: {
      ...rest,
      ...(stateDir !== undefined && { stateDir: at(stateDir) }),
      ...(documents !== undefined && { documents: at(documents) }),
      ...(roles !== undefined && { roles: roles.map(at) }),
      ...(mcp !== undefined && {
        mcp: Object.fromEntries(Object.entries(mcp).map(([name, server]) => [name, started(server)])),
      }),
    },
  }
}

async function find(cwd: string): Promise<string | undefined> {
  for (const name of CONFIG_NAMES) {
    const file = resolve(cwd, name)
    const found = await access(file).then(
      () => true,
      () => false,
    )
    if (found) return file
  }
  return undefined
}

async function load(file: string): Promise<unknown> {
  try {
    if (extname(file) === '.json') return JSON.parse(await readFile(file, 'utf8'))
    const module: { default?: unknown } = await import(pathToFileURL(file).href)
    if (module.default !== undefined) return module.default
  } catch (cause) {
    throw new CliError('config', `"${file}" cannot be loaded: ${(cause as Error).message}`, { cause })
  }
  throw new CliError('config', `"${file}" has no default export: write "export default { … }"`)
}
