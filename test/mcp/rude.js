/** An MCP server without the SDK, which does what none should: node rude.js HOW. Its one tool is `echo`. */
import { createInterface } from 'node:readline'

const how = process.argv[2]
let isInitialized = false
let sent = 0

const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const say = (id, text) => write({ id, result: { content: [{ type: 'text', text }] } })
const about = { capabilities: { tools: {} }, serverInfo: { name: 'rude', version: '1' } }
const tools = [{ name: 'echo', inputSchema: { type: 'object' } }]
const odd = [{ name: 'odd', inputSchema: { type: 'array' } }, 42]

const ways = {
  /** As many notifications as the pipe takes, and no answer. Says on standard error how many it was. */
  floods() {
    const note = { method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(1_000) } }
    do sent += 1
    while (write(note))
    process.stderr.write(`${sent}\n`)
    process.stdout.once('drain', ways.floods)
  },
  /** One line that has no end. */
  'never-ends'() {
    while (process.stdout.write('x'.repeat(65_536)));
    process.stdout.once('drain', ways['never-ends'])
  },
  /** Its answer is the last thing that it does. */
  leaves(id) {
    const result = { content: [{ type: 'text', text: 'x'.repeat(300_000) }] }
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`, () => process.exit(0))
  },
}

if (how === 'floods') ways.floods()
if (how === 'logs') process.stdout.write('listening\n\n{"level":"info","msg":"up"}\n[1,2]\n"x"\n42\nnull\n')

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (how === 'silent') return
  if (method === 'initialize') {
    isInitialized = true
    write({ id, result: { protocolVersion: params.protocolVersion, ...about } })
  } else if (how === 'old' && !isInitialized) process.exit(1)
  else if (method === 'tools/list')
    write({ id, result: { tools: how === 'odd' ? [...odd, ...tools] : tools } })
  else if (method === 'tools/call') (ways[how] ?? say)(id, 'heard')
  else if (id !== undefined) write({ id, error: { code: -32601, message: 'no such method' } })
})
