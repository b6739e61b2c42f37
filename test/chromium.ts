/**
 * A headless Chromium, where there is one: `CHROMIUM` names it, else it is looked for on `PATH`. A page is opened at any
 * view and span by its address. One start serves all pages of a test file, over the DevTools protocol in two pipes.
 *
 * https://chromedevtools.github.io/devtools-protocol/
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome']
/** Of one page, on a busy machine. */
const PAGE_MS = 25_000

export const chromium: string | undefined =
  process.env.CHROMIUM ??
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable)

export const WHY_SKIPPED = 'there is no Chromium: let CHROMIUM name one'

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What pages said on the console, a policy that was broken among it, stands in `said`. */
export type Visit = { readonly dom: string; readonly said: readonly string[] }

export type Browser = {
  /** The document as it is once it is loaded and its script has run, in a page of its own. One at a time. */
  visit(file: string, hash?: string): Promise<Visit>
  close(): Promise<void>
}

/** @param profile a folder that it may fill */
export async function startBrowser(profile: string): Promise<Browser> {
  const child = spawn(
    chromium!,
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe'],
      ...['--window-size=1280,800', `--user-data-dir=${profile}`, 'about:blank'],
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  )
  const leaveNoOrphan = () => child.kill('SIGKILL')
  process.once('exit', leaveNoOrphan)
  const ended = once(child, 'exit')
  const { call, heard } = talk(child.stdio[3] as Writable, child.stdio[4] as Readable)

  return {
    async visit(file, hash = '') {
      const { targetId } = await call<{ targetId: string }>('Target.createTarget', { url: 'about:blank' })
      const { sessionId } = await call<{ sessionId: string }>('Target.attachToTarget', {
        targetId,
        flatten: true,
      })
      const events = heard(sessionId)
      for (const domain of ['Page', 'Runtime', 'Log']) await call(`${domain}.enable`, {}, sessionId)
      const loaded = events.first('Page.loadEventFired')
      await call('Page.navigate', { url: `${pathToFileURL(file)}#${hash}` }, sessionId)
      await loaded
      const { result } = await call<{ result: { value: string } }>(
        'Runtime.evaluate',
        { expression: 'document.documentElement.outerHTML' },
        sessionId,
      )
      await call('Target.closeTarget', { targetId })
      return { dom: result.value, said: events.all.filter(({ method }) => SAID.includes(method)).map(textOf) }
    },
    async close() {
      child.kill()
      await ended
      process.off('exit', leaveNoOrphan)
    },
  }
}

const SAID = ['Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded']
const textOf = ({ method, params }: Event) => `${method} ${JSON.stringify(params)}`

type Event = { readonly method: string; readonly params: unknown; readonly sessionId?: string }
type Answer = {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** Calls and events, each a JSON text that ends with a zero byte. */
function talk(to: Writable, from: Readable) {
  const answers = new Map<number, (answer: Answer) => void>()
  const listeners = new Set<(event: Event) => void>()
  let calls = 0
  let rest = ''
  from.setEncoding('utf8').on('data', (text: string) => {
    const texts = (rest + text).split('\0')
    rest = texts.pop()!
    for (const one of texts) {
      const said = JSON.parse(one) as Answer | Event
      if ('id' in said) answers.get(said.id)?.(said)
      else for (const listen of listeners) listen(said)
    }
  })

  return {
    call<Result>(method: string, params: object, sessionId?: string): Promise<Result> {
      const id = ++calls
      const { promise, resolve, reject } = withDeadline<Result>(method)
      answers.set(id, ({ result, error }) => {
        answers.delete(id)
        if (error === undefined) resolve(result as Result)
        else reject(new Error(`Chromium, asked to ${method}: ${error.message}`))
      })
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
      return promise
    },
    /** What a page tells from now on. */
    heard(sessionId: string) {
      const all: Event[] = []
      const waiting = new Map<string, () => void>()
      listeners.add((event) => {
        if (event.sessionId !== sessionId) return
        all.push(event)
        waiting.get(event.method)?.()
      })
      return {
        all,
        first(method: string): Promise<void> {
          const { promise, resolve } = withDeadline<void>(method)
          waiting.set(method, resolve)
          return promise
        },
      }
    },
  }
}

function withDeadline<Result>(what: string) {
  let resolve!: (result: Result) => void
  let reject!: (error: Error) => void
  const promise = new Promise<Result>((fulfil, refuse) => {
    const late = setTimeout(() => refuse(new Error(`Chromium kept ${what} for ${PAGE_MS} ms`)), PAGE_MS)
    resolve = (result) => {
      clearTimeout(late)
      fulfil(result)
    }
    reject = (error) => {
      clearTimeout(late)
      refuse(error)
    }
  })
  return { promise, resolve, reject }
}
