import { describe, expect, it } from 'vitest'
import { conversationId, peerId, roleName, runId } from '../../protocols/ids.ts'
import { PROGRESS_SUBJECT, type Printed } from '../../protocols/progress.ts'
import type { Signals } from '../../src/bus/signals.ts'
import {
  BETWEEN_MS,
  createLiveOutput,
  FIRST_MS,
  listen,
  readPrinted,
  SIGNAL_CHARS,
} from '../../src/peer/live-output.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { pass, virtualNetwork } from '../bus/memory/virtual.ts'

const record = { run: runId('r1'), conversation: conversationId(runId('r1'), 'task') }
const who = { peer: peerId('coder-1'), role: roleName('coder') }

function stage(publish?: Signals['publish']) {
  const clock = virtualClock()
  const sent: Printed[] = []
  const signals: Signals = {
    publish:
      publish ??
      ((subject, frame) => {
        expect(subject).toBe('progress.printed.r1')
        sent.push(readPrinted(frame)!)
      }),
    subscribe: () => Promise.reject(new Error('nobody subscribes here')),
  }
  const redact = (text: string) => text.replaceAll('hunter22', '[redacted]')
  const call = createLiveOutput({ signals, clock, ...who, redact })(record, 'run_tests')
  const pass = (ms: number) => {
    const until = clock.now() + ms
    clock.setTimer(ms, () => {})
    while ((clock.due() ?? Number.POSITIVE_INFINITY) <= until) clock.step()
  }
  return { call, sent, pass, texts: () => sent.map(({ text }) => text) }
}

describe('what a command prints', () => {
  it('is sent while it runs, in whole lines, and says whose it is', () => {
    const { call, sent, pass, texts } = stage()
    call.add('one\ntw')
    pass(FIRST_MS)
    expect(sent).toEqual([
      { run: 'r1', ...who, conversation: 'task', tool: 'run_tests', text: 'one\n', left: 0 },
    ])
    call.add('o\nthree\n')
    pass(BETWEEN_MS)
    expect(texts()).toEqual(['one\n', 'two\nthree\n'])
  })

  it('is not sent where the command is quickly done, nor after it is', () => {
    const { call, sent, pass } = stage()
    call.add('one\n')
    pass(FIRST_MS - 1)
    call.end()
    call.add('two\n')
    pass(10 * FIRST_MS)
    expect(sent).toEqual([])
  })

  it('is bounded in number and size however much it is, and says what was left out', () => {
    const { call, sent, pass, texts } = stage()
    let printed = 0
    for (let ms = 0; ms < 3_000; ms += 10) {
      const lines = 'x'.repeat(99).concat('\n').repeat(30)
      printed += lines.length
      call.add(lines)
      pass(10)
    }
    expect(sent.length).toBeLessThanOrEqual(5)
    expect(Math.max(...texts().map((text) => text.length))).toBeLessThanOrEqual(SIGNAL_CHARS)
    const told = sent.reduce((sum, { text, left }) => sum + text.length + left, 0)
    expect(printed - told).toBeLessThan(3_000 * 50 + SIGNAL_CHARS)
    expect(sent.every(({ left }) => left > 0)).toBe(true)
  })

  it('comes without secrets, also where one came in two pieces', () => {
    const { call, texts, pass } = stage()
    call.add('the key is hunt')
    pass(FIRST_MS)
    call.add('er22\n')
    pass(BETWEEN_MS)
    expect(texts()).toEqual(['the key is [redacted]\n'])
  })

  it('is lost where the bus takes none of it, and nothing else is', () => {
    const { call, pass } = stage(() => {
      throw new Error('the bus is away')
    })
    call.add('one\n')
    expect(() => pass(FIRST_MS)).not.toThrow()
  })

  it('is heard by whoever listens to the run, and what is none of it is not', async () => {
    const { clock, network } = virtualNetwork()
    const teller = network.connect('teller').signals
    const { signals } = network.connect('listener')
    const heard: string[] = []
    const listening = await listen(signals, PROGRESS_SUBJECT.of(runId('r1')), ({ text }) => heard.push(text))
    const printed = { ...record, ...who, conversation: 'task', tool: 't', text: 'one\n', left: 0 }
    const tell = (run: string, body: unknown) =>
      teller.publish(PROGRESS_SUBJECT.of(runId(run)), {
        headers: {},
        body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
      })
    tell('r1', 'no JSON')
    tell('r1', { text: 'no signal' })
    tell('r2', { ...printed, run: 'r2', text: 'of another\n' })
    tell('r1', printed)
    await pass(clock, 100)
    await listening.stop()
    expect(heard).toEqual(['one\n'])
  })
})
