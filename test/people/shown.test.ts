import { describe, expect, it } from 'vitest'
import { excerptOf } from '../../src/people/bounded.ts'
import { readShown } from '../../src/people/shown.ts'
import { type Preview, ToolError } from '../../src/tools/tool.ts'
import { answering, office, work } from './office.ts'

const signing = (text = 'a will') => ({ calls: [{ tool: 'sign', input: { text } }] })

/** The one wait of an office whose tool `sign` has this preview, and what is shown of it. */
async function asked(preview?: () => Promise<Preview>, text?: string) {
  const here = office(preview && { preview })
  const { host } = await here.hire([signing(text), answering])
  await here.send(work)
  const shown = async () => readShown(here.outside.blobs, await here.wait())
  return { ...here, host, shown }
}

describe('what a person is shown of a call', () => {
  it('is what its tool says it would do, in short and whole', async () => {
    const { wait, shown } = await asked(async () => ({ text: 'signs it\nin ink', patch: '@@ -1 +1 @@\n' }))
    expect(await wait()).toMatchObject({ gist: 'signs it', shown: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(await shown()).toEqual({
      format: 1,
      input: { text: '{\n  "text": "a will"\n}', leftOut: null },
      does: { text: 'signs it\nin ink', leftOut: null },
      patch: { text: '@@ -1 +1 @@\n', leftOut: null },
      problem: null,
    })
  })

  it('stays what it was at first, whoever goes on with the wait and whatever its tool says by then', async () => {
    let times = 0
    const { host, hire, pass, wait, shown, say, ran } = await asked(async () => ({
      text: `for the ${++times}. time`,
    }))
    host.crash()
    await hire([answering], { client: 'second', epoch: 2 })
    await pass(60_000)
    expect(await wait()).toMatchObject({ gist: 'for the 1. time' })
    expect((await shown())?.does?.text).toBe('for the 1. time')
    const decided = await say(await wait(), 'approve')
    expect(decided).toMatchObject({ gist: 'for the 1. time', shown: expect.any(String) })
    expect(ran).toEqual(['sign'])
  })

  it('is its input, and why there is no more, where its tool fails to say it', async () => {
    const { wait, shown, say, ran } = await asked(async () => {
      throw new ToolError('no-ink', 'there is no ink to try')
    })
    expect(await wait()).toMatchObject({ gist: null })
    expect(await shown()).toMatchObject({ does: null, patch: null, problem: 'there is no ink to try' })
    await say(await wait(), 'approve')
    expect(ran).toEqual(['sign'])
  })

  it('does not wait for a tool that does not come to an end with saying it', async () => {
    const { waits, shown, pass } = await asked(() => new Promise(() => {}))
    expect(await waits()).toEqual([])
    await pass(10_000)
    expect(await shown()).toMatchObject({ problem: 'it took longer than 10 s' })
  })

  it('is the input alone where that says it all, and the whole of an input that is long', async () => {
    const { wait, shown } = await asked()
    expect(await wait()).toMatchObject({ gist: null, shown: null })
    expect(await shown()).toBeUndefined()
    const long = await asked(undefined, 'x'.repeat(40_000))
    expect((await long.wait()).input).toMatch(/characters more$/)
    expect(JSON.parse((await long.shown())!.input.text)).toEqual({ text: 'x'.repeat(40_000) })
  })

  it('is bounded, in whole lines, and says how much is left out', async () => {
    const line = `+${'y'.repeat(98)}\n`
    const { shown } = await asked(async () => ({ text: 'much', patch: line.repeat(3_000) }))
    const { patch } = (await shown())!
    expect(patch).toEqual({ text: line.repeat(2_000), leftOut: { lines: 1_000, characters: 100_000 } })
  })
})

describe('an excerpt', () => {
  it('is the whole text where there is room, else whole lines, else the beginning of one', () => {
    expect(excerptOf('a\nb', 3)).toEqual({ text: 'a\nb', leftOut: null })
    expect(excerptOf('ab\ncd\nef', 7)).toEqual({ text: 'ab\ncd\n', leftOut: { lines: 1, characters: 2 } })
    expect(excerptOf('abcdef\ng\n', 4)).toEqual({ text: 'abcd', leftOut: { lines: 2, characters: 5 } })
  })
})
