/** What a client may find on the other end of its wire: a server that is slow to answer, or none that deserves it. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A port of this test, and what it does with each caller; answers its URL. */
async function listen(serve: (caller: Socket) => void): Promise<string> {
  const callers = new Set<Socket>()
  const listener = createServer((caller) => {
    callers.add(caller)
    caller.on('error', () => {})
    serve(caller)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => {
    listener.close()
    for (const caller of callers) caller.destroy()
  })
  return `nats://127.0.0.1:${(listener.address() as AddressInfo).port}`
}

const dial = (url: string) => connect(Number(new URL(url).port), '127.0.0.1')

/** Something that greets as it is told, and answers every ping. */
export const impostor = (greeting: string): Promise<string> =>
  listen((caller) => {
    caller.on('data', (data) => data.includes('PING') && caller.write('PONG\r\n'))
    caller.write(greeting)
  })

export type Link = {
  readonly url: string
  /** Keeps what the server says to itself; what is said to the server goes through. */
  hold(): void
  release(): void
}

/** A way to a server on which its answers can be held up. */
export async function linkTo(server: string): Promise<Link> {
  const sources: Socket[] = []
  const url = await listen((caller) => {
    const source = dial(server)
    source.on('error', () => {})
    sources.push(source)
    caller.on('close', () => source.destroy())
    source.pipe(caller)
    caller.pipe(source)
  })
  return {
    url,
    hold: () => {
      for (const source of sources) source.pause()
    },
    release: () => {
      for (const source of sources) source.resume()
    },
  }
}

/** Tells a server one thing, as any client in any language can, and waits until it was heard. */
export async function say(server: string, line: string): Promise<void> {
  const socket = dial(server)
  socket.write(`CONNECT {"verbose":false}\r\n${line}PING\r\n`)
  for await (const answer of socket) if (String(answer).includes('PONG')) return
}
