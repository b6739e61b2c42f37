import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { childTransport } from '../../src/mcp/child-transport.ts'
import { mcpServer } from '../../src/mcp/mcp-tools.ts'
import { messageLines } from '../../src/mcp/message-lines.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { called } from './calling.ts'

const script = fileURLToPath(new URL('./rude.js', import.meta.url))

async function serverThat(how: string) {
  const server = mcpServer({ command: process.execPath, args: [script, how] })
  onTestFinished(() => server.release())
  const tools = await server.tools({ allow: ['echo'], idempotent: ['echo'] })
  return { server, call: (signal = new AbortController().signal) => called(tools, 'echo', {}, { signal }) }
}

describe('an MCP server that is a program', () => {
  it('may leave at a question of the newer protocol: it is asked by the older one', async () => {
    const { call } = await serverThat('old')
    expect(await call()).toEqual({ text: 'heard' })
  })

  it('may log to its standard output, be it in JSON', async () => {
    const { call } = await serverThat('logs')
    expect(await call()).toEqual({ text: 'heard' })
  })

  it('may describe a tool as none can be: the others are there', async () => {
    const { call, server } = await serverThat('odd')
    expect(await call()).toEqual({ text: 'heard' })
    await expect(server.tools({ allow: ['odd'] })).rejects.toMatchObject({
      code: 'mcp.bad-tool',
      message: expect.stringContaining('does not describe its tool "odd" as the protocol wants it'),
    })
  })

  it('that says nothing is waited for as long as it may take, which is told', async () => {
    const server = mcpServer({ command: process.execPath, args: [script, 'silent'] }, { openTimeoutMs: 20 })
    onTestFinished(() => server.release())
    await expect(server.tools({ allow: ['echo'] })).rejects.toMatchObject({
      code: 'mcp.unreachable',
      message: expect.stringContaining('(no answer within 0.02 s)'),
    })
  })

  it('may end with its answer', async () => {
    const { call } = await serverThat('leaves')
    expect((await call()).text).toMatch(/^x+\n\[\d+ bytes left out\]\nx+$/)
  })

  it('that answers without an end is ended, and the call is told why and not made again', async () => {
    const { call, server } = await serverThat('never-ends')
    await expect(call()).rejects.toMatchObject({
      code: 'tool.mcp-lost',
      message: expect.stringMatching(
        /was ended during "echo", since .* more than 10485760 bytes: ask it for less/,
      ),
    })
    expect(server.pid()).toBeUndefined()
  })

  it('that floods is heard one by one, and has to wait meanwhile', async () => {
    const transport = childTransport({ command: process.execPath, args: [script, 'floods'] }, systemClock())
    onTestFinished(() => transport.close())
    let heard = 0
    let ahead = 0
    const sent = () => Number(transport.stderr.split('\n').at(-1))
    await new Promise<void>((resolve, reject) => {
      transport.onmessage = () => {
        heard += 1
        ahead = Math.max(ahead, sent() - heard)
        if (heard === 3_000) resolve()
      }
      transport.start().catch(reject)
    })
    expect(ahead).toBeLessThan(1_000)
  })

  it('is heard to its end, whatever one of its messages does to who hears it', async () => {
    const two = [1, 2].map((id) => `${JSON.stringify({ jsonrpc: '2.0', id, result: {} })}\\n`).join('')
    const transport = childTransport(
      { command: process.execPath, args: ['-e', `process.stdout.write('${two}')`] },
      systemClock(),
    )
    onTestFinished(() => transport.close())
    const errors: string[] = []
    transport.onmessage = (message) => {
      throw new Error(`no ${'id' in message && message.id}`)
    }
    transport.onerror = ({ message }) => void errors.push(message)
    await new Promise<void>((resolve, reject) => {
      transport.onclose = resolve
      transport.start().catch(reject)
    })
    expect(errors).toEqual(['no 1', 'no 2'])
  })
})

describe('lines of messages', () => {
  const note = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'ä😀' } }
  const bytes = Buffer.from(`${JSON.stringify(note)}\r\n`)

  it('are put together from chunks that end anywhere', () => {
    for (const size of [1, 3, bytes.length, 2 * bytes.length]) {
      const lines = messageLines()
      const all = Buffer.concat([bytes, bytes])
      const found = []
      for (let at = 0; at < all.length; at += size) found.push(...lines.take(all.subarray(at, at + size)))
      expect(found).toEqual([note, note])
    }
  })

  it('are bounded one by one, and not by how many there are', () => {
    const lines = messageLines(bytes.length)
    expect(lines.take(Buffer.concat(Array(50).fill(bytes)))).toHaveLength(50)
    expect(() => lines.take(Buffer.alloc(bytes.length + 1, 'x'))).toThrow('more than')
  })
})
