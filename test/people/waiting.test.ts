import { describe, expect, it } from 'vitest'
import { conversationId, runId } from '../../protocols/ids.ts'
import { isComing } from '../../src/people/open-waits.ts'
import { ended } from '../../src/turn/closing.ts'
import { encodeRecord, recordKey } from '../../src/turn/record.ts'
import { diagnose } from '../../traces/diagnose/diagnose.ts'
import { storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import { client, context, job, run } from '../turn/stage.ts'
import { answering, office, work } from './office.ts'

const blasting = { calls: [{ tool: 'blast', input: { thing: 'dam' } }] } as const

describe('a call that needs an approval', () => {
  it('waits for as long as it takes, is run once somebody approves, and knows who', async () => {
    const { hire, send, pass, wait, say, ran, answers } = office()
    const { transcript } = await hire([blasting, answering])
    await send(work)
    await pass(3_600_000)
    expect(ran).toEqual([])
    expect(await wait()).toMatchObject({
      kind: 'approval',
      role: 'worker',
      peer: 'worker-1',
      conversation: job,
      tool: 'blast',
      input: expect.stringContaining('"thing": "dam"'),
      decision: null,
    })
    await say(await wait(), 'approve')
    expect(ran).toEqual(['blast dam, as jo@desk said'])
    expect(transcript().at(-1)).toMatchObject({ kind: 'result', output: { gone: 'dam' } })
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
  })

  it('is not run when somebody denies it, and the model is told by whom and why', async () => {
    const { hire, send, waits, wait, say, ran } = office()
    const { transcript } = await hire([blasting, answering])
    await send(work)
    await say(await wait(), 'deny', 'there are people below')
    expect(ran).toEqual([])
    expect(transcript().at(-1)).toEqual({
      kind: 'error',
      call: 'call-1-1',
      tool: 'blast',
      code: 'tool.denied',
      message: 'jo@desk denied this call of "blast": there are people below',
    })
    expect(await waits()).toEqual([])
  })

  it('is given up when nobody decides in time, and cannot be approved any more', async () => {
    const { hire, send, wait, waits, pass, say, ran } = office()
    const { transcript } = await hire([blasting, answering])
    await send(work)
    const asked = await wait()
    await pass(2 * 3_600_000 + 1_000)
    expect(transcript().at(-1)).toMatchObject({ kind: 'error', code: 'tool.unanswered' })
    expect(await waits()).toEqual([])
    await expect(say(asked, 'approve')).rejects.toMatchObject({ code: 'people.decided' })
    expect(ran).toEqual([])
  })

  it('is decided by whoever comes first; the second is told who that was and what they said', async () => {
    const { hire, send, wait, say, ran } = office()
    await hire([blasting, answering])
    await send(work)
    const asked = await wait()
    const [one, other] = await Promise.allSettled([
      say(asked, 'approve', 'go', 'jo@desk'),
      say(asked, 'deny', 'no', 'al@home'),
    ])
    expect(one.status).toBe('fulfilled')
    expect((other as PromiseRejectedResult).reason).toMatchObject({
      code: 'people.decided',
      message: expect.stringContaining('jo@desk approved it: go'),
    })
    expect(ran).toEqual(['blast dam, as jo@desk said'])
  })

  it('asks only where its rule says so, and with the reason', async () => {
    const { hire, send, wait, say, ran } = office()
    const calls = [
      { tool: 'pay', input: { euros: 5 } },
      { tool: 'pay', input: { euros: 500 } },
    ] as const
    await hire([{ calls }, answering])
    await send(work)
    expect(ran).toEqual(['pay 5'])
    expect(await wait()).toMatchObject({ tool: 'pay', reason: '500 is more than 100' })
    await say(await wait(), 'approve')
    expect(ran).toEqual(['pay 5', 'pay 500'])
  })

  it('keeps the calls after it in one reply waiting, and not those before it', async () => {
    const { hire, send, wait, say, ran } = office()
    const calls = [
      { tool: 'look', input: {} },
      { tool: 'blast', input: { thing: 'dam' } },
      { tool: 'pay', input: { euros: 1 } },
    ] as const
    const { model } = await hire([{ calls }, answering])
    await send(work)
    expect(ran).toEqual(['look'])
    await say(await wait(), 'approve')
    expect(ran).toEqual(['look', 'blast dam, as jo@desk said', 'pay 1'])
    expect(model.requests).toHaveLength(2)
  })

  it('is not shown to anybody when its input does not fit', async () => {
    const { hire, send, waits, ran } = office()
    const { transcript } = await hire([{ calls: [{ tool: 'blast', input: { what: 'dam' } }] }, answering])
    await send(work)
    expect(await waits()).toEqual([])
    expect(transcript().at(-1)).toMatchObject({ kind: 'error', code: 'tool.input' })
    expect(ran).toEqual([])
  })
})

describe('a wait for a person', () => {
  it('outlives its process: the next one goes on waiting, and the tool is run once', async () => {
    const { hire, send, wait, waits, say, ran, answers, pass, journal } = office()
    const { host } = await hire([blasting])
    await send(work)
    const asked = await wait()
    host.crash()
    await hire([answering], { client: 'second', epoch: 2 })
    await pass(60_000)
    expect(await waits()).toEqual([asked])
    await say(asked, 'approve')
    expect(ran).toEqual(['blast dam, as jo@desk said'])
    expect(await answers()).toMatchObject([{ type: 'parcel.done' }])
    expect((await journal(job)).map(({ took }) => took.event)).toContain('person.passed')
  })

  it('that was decided while nobody was there is found decided', async () => {
    const { hire, send, wait, say, ran } = office()
    const { host } = await hire([blasting])
    await send(work)
    const asked = await wait()
    host.crash()
    await say(asked, 'approve')
    expect(ran).toEqual([])
    await hire([answering], { client: 'second', epoch: 2 })
    expect(ran).toEqual(['blast dam, as jo@desk said'])
  })

  it('goes on however many processes it outlives', async () => {
    const { hire, send, wait, say, ran } = office()
    let { host } = await hire([blasting])
    await send(work)
    for (let epoch = 2; epoch < 9; epoch++) {
      host.crash()
      host = (await hire([answering], { client: `host-${epoch}`, epoch })).host
    }
    await say(await wait(), 'approve')
    expect(ran).toEqual(['blast dam, as jo@desk said'])
  })

  it('leaves its peer free for other work', async () => {
    const { hire, send, ran, waits } = office()
    const { host } = await hire([blasting, { calls: [{ tool: 'look', input: {} }] }, answering])
    await send(work)
    expect(host.view()).toMatchObject({ conversations: 1, busy: 0, effects: 0 })
    const to = { ...work.to, conversation: `${runId('r1')}/other` as typeof job }
    await send({ ...work, to, id: `${client.conversation}>${to.conversation}#1` as typeof work.id })
    expect(ran).toEqual(['look'])
    expect(await waits()).toHaveLength(1)
  })

  it('is over when its conversation is, and can be approved no more', async () => {
    const { hire, send, wait, waits, journal, outside } = office()
    const { host } = await hire([blasting])
    await send(work)
    await wait()
    host.stop()
    const record = (await journal(job)).at(-1)!
    expect(record.effects).toMatchObject([{ src: 'person', next: { src: 'tool' } }])
    const closed = ended(record, undefined, { reason: 'cancelled', context: context() })
    const revision = (await outside.records.read(recordKey(job)))!.revision
    await outside.records.append(recordKey(job), encodeRecord(closed), revision)
    expect(await waits()).toEqual([])
  })

  it('whose call a process of an older version has lost is given up, and nothing is run', async () => {
    const { hire, send, wait, say, journal, outside, ran } = office()
    const { host } = await hire([blasting])
    await send(work)
    const asked = await wait()
    host.crash()
    const record = (await journal(job)).at(-1)!
    const older = { ...record, effects: record.effects.map(({ next: _, ...effect }) => effect) }
    const { revision } = (await outside.records.read(recordKey(job)))!
    await outside.records.append(recordKey(job), encodeRecord(older), revision)
    const { transcript } = await hire([answering], { client: 'second', epoch: 2 })
    expect(transcript().at(-1)).toMatchObject({ kind: 'error', code: 'tool.unanswered' })
    await say(asked, 'approve')
    expect(ran).toEqual([])
  })

  it('is nothing that diagnose would find fault with, however long it takes', async () => {
    const { hire, send, wait, say, spans, pass } = office()
    await hire([blasting, answering])
    await send(work)
    await pass(7_000_000)
    await say(await wait(), 'approve')
    const story = storyOf(traceTree(spans))
    expect(story.effects.map(({ kind }) => kind)).toEqual(['chat', 'person', 'tool', 'chat'])
    expect(diagnose(story)).toEqual([])
  })

  it('is a span with who decided what, as long as it took', async () => {
    const { hire, send, wait, say, spans, pass } = office()
    await hire([blasting, answering])
    await send(work)
    await pass(120_000)
    await say(await wait(), 'approve')
    const span = spans.find(({ name }) => name === 'ask_person blast')!
    expect(span.attributes).toMatchObject({
      'gen_ai.tool.name': 'blast',
      'skein.person.kind': 'approval',
      'skein.person.decision': 'approve',
      'skein.person.by': 'jo@desk',
    })
    expect(span.endMs - span.startMs).toBeGreaterThanOrEqual(120_000)
    expect(spans.filter(({ name }) => name === 'execute_tool blast')).toHaveLength(1)
  })
})

describe('ask_human', () => {
  const asking = {
    calls: [{ tool: 'ask_human', input: { question: 'Tea or coffee?', choices: ['tea', 'coffee'] } }],
  } as const

  it('gives the model what a person answered', async () => {
    const { hire, send, wait, say } = office()
    const { transcript } = await hire([asking, answering])
    await send(work)
    expect(await wait()).toMatchObject({
      kind: 'question',
      question: 'Tea or coffee?',
      choices: ['tea', 'coffee'],
    })
    await say(await wait(), 'answer', 'tea')
    expect(transcript().at(-1)).toMatchObject({
      kind: 'result',
      output: { answer: 'tea', by: 'jo@desk' },
    })
  })

  it('cannot be approved, and may be declined', async () => {
    const { hire, send, wait, say } = office()
    const { transcript } = await hire([asking, answering])
    await send(work)
    await expect(say(await wait(), 'approve')).rejects.toMatchObject({ code: 'people.kind' })
    await say(await wait(), 'deny')
    expect(transcript().at(-1)).toMatchObject({
      code: 'tool.denied',
      message: 'jo@desk declined to answer',
    })
  })

  it('is found among records of another version, which are left out', async () => {
    const { hire, send, wait, say, ran, outside, settled } = office()
    await hire([blasting, answering])
    await send(work)
    const asked = await wait()
    const newer = recordKey(conversationId(run, 'newer'))
    await settled(outside.records.append(newer, Buffer.from('{"format":9}'), 0))
    expect(await isComing(outside.records, run, 'ffffffff')).toBe(false)
    expect(await isComing(outside.records, run, asked.id)).toBe(false) // it is there
    await say(await wait(), 'approve')
    expect(ran).toHaveLength(1)
  })
})
