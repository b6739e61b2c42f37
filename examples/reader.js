/**
 * An agent with a tool of an MCP server: node examples/reader.js docs/mcp.md. The server is the public one for files,
 * fetched by npx. With a model it answers as a model does; without one its policy reads the file, and no more.
 */
import { defineProtocol, defineRole, mcpTools, run } from 'skein'
import { z } from 'zod'

const { ask, tell } = defineProtocol(
  'desk',
  1,
  { ask: z.object({ path: z.string() }), tell: z.object({ title: z.string() }) },
  { ask: ['tell'] },
).messages

export const reader = defineRole({
  name: 'reader',
  description: 'Says what a file is about',
  instructions: 'Read the file and say in one line what it is about.',
  accepts: [ask],
  answers: [tell],
  tools: await mcpTools({
    server: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', process.cwd()] },
    allow: ['read_text_file'],
  }),
  policy({ transcript: [work, ...rest] }) {
    const last = rest.at(-1)
    if (last?.kind === 'result')
      return { kind: 'answer', type: tell.type, body: { title: last.output.text.split('\n')[0] } }
    if (last?.kind === 'error') return { kind: 'give-up', reason: last.message }
    return { kind: 'call', tool: 'read_text_file', input: { path: work.body.path } }
  },
})

const path = process.argv[2] ?? 'README.md'
const report = await run({
  goal: `What is ${path} about?`,
  roles: [{ role: reader, count: 1 }],
  prepare: async () => ({ start: { role: 'reader', message: ask, body: { path }, answers: [tell] } }),
})
console.log(report.outcome, report.reason ?? report.answer?.body)
