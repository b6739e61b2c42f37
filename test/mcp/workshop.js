/**
 * An MCP server to try the client with: node workshop.js, or in another process's hands. Of the names of its tools two
 * would be the same in snake case.
 */
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'

const said = (text) => ({ content: [{ type: 'text', text }] })

/** What outlives one instance: over HTTP each request has its own. */
export const ledger = () => ({ done: 0, cancelled: 0 })

export function workshop(book) {
  const server = new McpServer({ name: 'workshop', version: '1' }, { capabilities: { tools: {} } })
  const tool = (name, config, run) => server.registerTool(name, { inputSchema: z.object({}), ...config }, run)
  const readOnly = { readOnlyHint: true }

  tool('echo', { inputSchema: z.object({ text: z.string() }), annotations: readOnly }, ({ text }) =>
    said(text),
  )
  tool('whoAmI', { annotations: readOnly }, () => said(String(process.pid)))
  tool('who-am-i', {}, () => said(String(process.pid)))
  tool('environment', { annotations: readOnly }, () => said(JSON.stringify(process.env)))
  tool('traceparent', { annotations: readOnly }, (_, { mcpReq }) => said(String(mcpReq._meta?.traceparent)))
  tool('fail', {}, () => ({ ...said('the paint is out: order some'), isError: true }))
  tool('long', { inputSchema: z.object({ bytes: z.number() }) }, ({ bytes }) => said('x'.repeat(bytes)))
  tool(
    'sum',
    { inputSchema: z.object({ a: z.number(), b: z.number() }), outputSchema: z.object({ sum: z.number() }) },
    ({ a, b }) => ({
      content: [{ type: 'text', text: JSON.stringify({ sum: a + b }) }],
      structuredContent: { sum: a + b },
    }),
  )
  tool('pictures', {}, () => ({
    content: [
      { type: 'text', text: 'here:' },
      { type: 'image', mimeType: 'image/png', data: Buffer.alloc(300).toString('base64') },
      { type: 'resource', resource: { uri: 'file:///a.txt', mimeType: 'text/plain', text: 'inside' } },
      { type: 'resource', resource: { uri: 'file:///a.bin', blob: Buffer.alloc(10).toString('base64') } },
      { type: 'resource_link', uri: 'file:///b.txt', name: 'b', description: 'the other' },
    ],
  }))
  tool('count', {}, () => {
    book.done += 1
    return said(String(book.done))
  })
  tool('wait', {}, (_, { mcpReq }) => {
    mcpReq.signal.addEventListener('abort', () => {
      book.cancelled += 1
    })
    return new Promise(() => {})
  })
  tool('cancelled', { annotations: readOnly }, () => said(String(book.cancelled)))
  tool('steps', {}, async (_, { mcpReq }) => {
    const { progressToken } = mcpReq._meta ?? {}
    for (const step of [1, 2])
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress: step, total: 2, message: `step ${step}` },
      })
    return said('both')
  })
  /** Ends in the middle of a call: of one that may be repeated, and of one that may not. */
  tool('dieAlways', { annotations: { idempotentHint: true } }, () => process.exit(1))
  tool('die', {}, () => process.exit(1))
  return server
}

if (process.argv[2] === 'serve') {
  const book = ledger()
  serveStdio(() => workshop(book))
}
if (process.argv[2] === 'complain') {
  process.stderr.write('no licence found\n')
  process.exit(3)
}
