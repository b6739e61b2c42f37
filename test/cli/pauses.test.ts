import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pauses } from '../../cli/input/pauses.ts'

/** Somebody at a terminal, who hears nothing by signals: each key comes as it is typed. */
function terminal() {
  const [input, output] = [new PassThrough(), new PassThrough()]
  output.resume()
  const paused = pauses({
    input: Object.assign(input, { isTTY: true, setRawMode: () => input }),
    output: Object.assign(output, { isTTY: true, columns: 80 }),
  })
  onTestFinished(() => paused.close())
  return { paused, input, type: (keys: string) => input.write(keys) }
}

const [CTRL_C, CTRL_D] = ['\x03', '\x04']

describe('a pause between two steps', () => {
  it('lasts until Enter, and so does the next', async () => {
    const { paused, type } = terminal()
    const first = paused.next()
    expect(await Promise.race([first, Promise.resolve('still there')])).toBe('still there')
    type('\r')
    expect(await first).toBe('go')
    const second = paused.next()
    type('whatever\r')
    expect(await second).toBe('go')
  })

  it.each([
    ['q and Enter', 'q\r', 'end'],
    ['the end of input', CTRL_D, 'end'],
    ['Ctrl-C', CTRL_C, 'interrupted'],
    ['Ctrl-C in the middle of a line', `abc${CTRL_C}`, 'interrupted'],
  ])('ends all at %s', async (_, keys, how) => {
    const { paused, type } = terminal()
    const next = paused.next()
    type(keys)
    expect(await next).toBe(how)
  })

  it('ends all where the terminal is gone, and is over at once from then on', async () => {
    const { paused, input } = terminal()
    const next = paused.next()
    input.end()
    expect(await next).toBe('end')
    expect(await paused.next()).toBe('end')
  })
})
