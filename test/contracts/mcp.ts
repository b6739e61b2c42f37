/** What a role may expect of the tools of an MCP server, whatever its transport. The server is the workshop. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type McpConnection, type McpToolChoice, mcpServer } from '../../src/mcp/mcp-tools.ts'
import type { McpServer } from '../../src/mcp/server.ts'
import { called } from '../mcp/calling.ts'

export type McpRig = {
  readonly address: McpServer
  /** Ends the server, whose process is told, and has it there again when it is called next. */
  replace(pid: number): Promise<void>
  /** Ends it for good. */
  remove(pid: number): Promise<void>
  dispose(): Promise<void>
  /** Of `network.transport`. */
  readonly transport: 'pipe' | 'tcp'
}

/** One server and one connection for all of it: the order counts for the last two. */
export function mcpContract(name: string, start: () => Promise<McpRig>): void {
  let rig: McpRig
  let connection: McpConnection
  const shop = (choice: McpToolChoice) => connection.tools(choice)
  const pidOf = async () => Number((await called(await shop({ allow: ['whoAmI'] }), 'who_am_i')).text)

  beforeAll(async () => {
    rig = await start()
    connection = mcpServer(rig.address, { openTimeoutMs: 10_000 })
  })

  afterAll(async () => {
    await connection?.release()
    await rig?.dispose()
  })

  describe(`tools of an MCP server over ${name}`, () => {
    it('are those that are allowed, named as tools are, with the schema that the server wrote', async () => {
      const tools = await shop({ allow: ['echo', 'whoAmI', 'fail'], prefix: 'shop' })
      expect(tools.map((tool) => [tool.name, tool.idempotent])).toEqual([
        ['shop_echo', true],
        ['shop_who_am_i', true],
        ['shop_fail', false],
      ])
      expect(z.toJSONSchema(tools[0]!.input, { io: 'input' })).toMatchObject({
        type: 'object',
        properties: { text: { type: 'string' } },
        required: ['text'],
      })
      expect(tools[0]!.input.safeParse({ text: 1 }).success).toBe(false)
    })

    it('are refused where the server has no such tool, with those that it has', async () => {
      await expect(shop({ allow: ['echo', 'paint'] })).rejects.toMatchObject({
        code: 'mcp.no-tool',
        message: expect.stringMatching(/no tool "paint": there are echo, .*wait/),
      })
    })

    it('are refused where two would have one name, until one is renamed', async () => {
      const allow = ['whoAmI', 'who-am-i']
      await expect(shop({ allow })).rejects.toMatchObject({ code: 'mcp.name-clash' })
      const tools = await shop({ allow, rename: { 'who-am-i': 'who' } })
      expect(tools.map((tool) => tool.name)).toEqual(['who_am_i', 'who'])
    })

    it('wait for a person where that is said, and not by a name that is none of theirs', async () => {
      const tools = await shop({ allow: ['echo', 'count'], approval: ['count'], idempotent: ['count'] })
      expect(tools).toMatchObject([{ idempotent: true }, { approval: true, idempotent: true }])
      expect(tools[0]).not.toHaveProperty('approval')
      await expect(shop({ allow: ['echo'], approval: ['ecoh'] })).rejects.toMatchObject({
        code: 'mcp.no-tool',
        message: expect.stringMatching(/"ecoh" is spoken of, but not allowed: .*"echo"/),
      })
    })

    it('answer with text, with structure, and with a line for what a model cannot read', async () => {
      const tools = await shop({ allow: ['echo', 'sum', 'pictures'] })
      expect(await called(tools, 'echo', { text: 'hi' })).toEqual({ text: 'hi' })
      expect(await called(tools, 'sum', { a: 1, b: 2 })).toEqual({ structured: { sum: 3 } })
      expect((await called(tools, 'pictures')).text?.split('\n')).toEqual([
        'here:',
        '[image, image/png, 300 bytes: not shown]',
        '[resource file:///a.txt, text/plain]',
        'inside',
        '[resource file:///a.bin, 10 bytes: not shown]',
        '[resource file:///b.txt: the other]',
      ])
    })

    it('answer no more than the limit', async () => {
      const tools = await shop({ allow: ['long'], outputLimitBytes: 100 })
      const { text } = await called(tools, 'long', { bytes: 5_000 })
      expect(text).toMatch(/^x{50}\n\[4900 bytes left out\]\nx{50}$/)
    })

    it('fail with what the server says of it', async () => {
      const tools = await shop({ allow: ['fail', 'echo'] })
      await expect(called(tools, 'fail')).rejects.toMatchObject({
        code: 'tool.mcp-error',
        message: '"fail" failed: the paint is out: order some',
      })
      // The connection is none the worse for it.
      expect(await called(tools, 'echo', { text: 'still' })).toEqual({ text: 'still' })
    })

    it('are cancelled at the server when nobody wants them any more', async () => {
      const tools = await shop({ allow: ['wait', 'cancelled'] })
      const stop = new AbortController()
      const waiting = expect(called(tools, 'wait', {}, { signal: stop.signal })).rejects.toThrow('no longer')
      await called(tools, 'cancelled') // behind it on the wire
      stop.abort(new Error('no longer'))
      await waiting
      await expect.poll(async () => (await called(tools, 'cancelled')).text).toBe('1')
    })

    it('tell how far they are', async () => {
      const tools = await shop({ allow: ['steps'] })
      const heard: string[] = []
      await called(tools, 'steps', {}, { onOutput: (text) => heard.push(text) })
      expect(heard).toEqual(['step 1 (1/2)\n', 'step 2 (2/2)\n'])
    })

    it('hand the trace on, and say on the span what the conventions ask for', async () => {
      const tools = await shop({ allow: ['traceparent'] })
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const attributes = {}
      const onAttributes = (some: object) => void Object.assign(attributes, some)
      expect(await called(tools, 'traceparent', {}, { traceparent, onAttributes })).toEqual({
        text: traceparent,
      })
      expect(attributes).toMatchObject({
        'mcp.method.name': 'tools/call',
        'mcp.protocol.version': expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        'network.transport': rig.transport,
      })
    })

    it('are there again after their peers left', async () => {
      const tools = await shop({ allow: ['echo'] })
      await connection.release()
      expect(await called(tools, 'echo', { text: 'again' })).toEqual({ text: 'again' })
    })

    it('go on with a server that was away', async () => {
      const tools = await shop({ allow: ['echo', 'count'] })
      await called(tools, 'count')
      await rig.replace(await pidOf())
      expect(await called(tools, 'echo', { text: 'back' })).toEqual({ text: 'back' })
    })

    it('fail when their server is gone for good, after a bounded number of tries', async () => {
      const tools = await shop({ allow: ['echo'] })
      await rig.remove(await pidOf())
      await expect(called(tools, 'echo', { text: 'there?' })).rejects.toMatchObject({
        code: expect.stringMatching(/^tool\.mcp-(unreachable|lost)$/),
      })
    })
  })
}
