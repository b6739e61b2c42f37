import { describe, expect, it, onTestFinished } from 'vitest'
import { mcpTools } from '../../src/mcp/mcp-tools.ts'
import { mcpContract } from '../contracts/mcp.ts'
import { called } from './calling.ts'
import { httpWorkshop } from './http-server.ts'

mcpContract('streamable HTTP', async () => {
  const { address, stop, start } = await httpWorkshop()
  return {
    address,
    transport: 'tcp',
    async replace() {
      await stop()
      await start()
    },
    remove: stop,
    dispose: stop,
  }
})

describe('an MCP server at an address', () => {
  it('gets the headers that it wants, and the trace as one of them', async () => {
    const { address, headers, stop } = await httpWorkshop()
    onTestFinished(stop)
    const server = { ...address, headers: { authorization: 'Bearer of good news' } }
    const tools = await mcpTools({ server, allow: ['echo'] })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await called(tools, 'echo', { text: 'hi' }, { traceparent })
    expect(headers.every(({ authorization }) => authorization === 'Bearer of good news')).toBe(true)
    expect(headers.at(-1)).toMatchObject({ traceparent })
  })

  it('that is not there is told without what its address may hold of secrets', async () => {
    const { address, stop } = await httpWorkshop()
    await stop()
    const server = { url: `${address.url}?key=secret` }
    await expect(mcpTools({ server, allow: ['echo'] })).rejects.toMatchObject({
      code: 'mcp.unreachable',
      message: expect.stringMatching(
        new RegExp(`^(?!.*secret).*"${address.url}" cannot be reached.*ECONNREFUSED`),
      ),
    })
  })
})
