/** The tools that an MCP server lists. One that is not described as the protocol wants it keeps no other from use. */
import { type Client, isSpecType, SdkError, SdkErrorCode, type Tool } from '@modelcontextprotocol/client'
import { z } from 'zod'

export type ListedTools = {
  readonly tools: readonly Tool[]
  /** Names of those that cannot be used as they are described. */
  readonly unusable: readonly string[]
}

/** A list without end is none. */
const PAGES_LIMIT = 100

const pageSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() })
const namedSchema = z.looseObject({ name: z.string() })

/** @param timeout for each page, in milliseconds @throws as the SDK does */
export async function listedTools(client: Client, timeout: number): Promise<ListedTools> {
  try {
    const { tools } = await client.listTools(undefined, { timeout })
    return { tools, unusable: [] }
  } catch (error) {
    const isOdd = error instanceof SdkError && error.code === SdkErrorCode.InvalidResult
    if (!isOdd) throw error
    return oneByOne(client, timeout, error)
  }
}

/** The SDK takes a list as a whole or not at all. */
async function oneByOne(client: Client, timeout: number, error: SdkError): Promise<ListedTools> {
  const listed: unknown[] = []
  let cursor: string | undefined
  for (let pages = 1; ; pages++) {
    const params = cursor === undefined ? {} : { cursor }
    const page = await client.request({ method: 'tools/list', params }, pageSchema, { timeout })
    listed.push(...page.tools)
    cursor = page.nextCursor
    if (cursor === undefined) break
    if (pages === PAGES_LIMIT) throw error
  }
  const others = listed.filter((tool) => !isSpecType.Tool(tool))
  return {
    tools: listed.filter(isSpecType.Tool),
    unusable: others.map((tool) => namedSchema.safeParse(tool).data?.name ?? 'one without a name'),
  }
}
