import { describe, expect, it } from 'vitest'
import { HEADER } from '../../protocols/envelope.ts'
import { peerId, type RunId, roleName, runId } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Frame } from '../../src/bus/frame.ts'
import { type CleanOptions, clean } from '../../src/flock/clean.ts'
import { RUN_RECORDS } from '../../src/flock/run-records.ts'
import { silentLog } from '../../src/log.ts'
import { encodeRun, type RunRecord, runKey } from '../../src/run/run-record.ts'
import { holdOrigin } from '../../src/run/start-run.ts'
import { treePath, writeTree } from '../../src/tools/tree.ts'
import { deadLetters } from '../../src/turn/dead-letters.ts'
import { pass, settled, virtualNetwork } from '../bus/memory/virtual.ts'

const START = { type: 'run.goal', protocol: 'run', version: 1, answeredBy: ['run.result'] }
const HOUR = 3_600_000
const DAY = 24 * HOUR
const WEEK = 7 * DAY
const bytes = (text: string) => new TextEncoder().encode(text)

/** A bus on which runs leave things, and who cleans it. */
function house() {
  const { clock, network } = virtualNetwork()
  const bus = network.connect('cleaner')
  const wait = (ms: number) => pass(clock, ms)
  const done = <T>(promise: Promise<T>) => settled(clock, promise)

  const frameOf = (run: RunId, body: string, deadline: number): Frame => ({
    headers: { [HEADER.run.toLowerCase()]: run, [HEADER.deadline]: String(deadline) },
    body: bytes(body),
  })

  return {
    bus,
    clock,
    wait,
    done,
    append: (key: string, value: string, expected = 0) =>
      done(bus.records.append(key, bytes(value), expected)),
    put: (text: string) => done(bus.blobs.put(bytes(text))),
    blobs: async () => (await done(bus.blobs.list())).map(({ hash }) => hash).sort(),
    async keys(): Promise<string[]> {
      const found = await done(
        Promise.all(['run', 'conversation', 'head', 'board', 'dead'].map(bus.records.latest)),
      )
      return found.flat().map(({ key }) => key)
    },
    mail: (run: RunId, body = '{}', deadline = clock.now() + HOUR) =>
      done(
        bus.mailboxes.put({ kind: 'role', role: roleName('coder') }, frameOf(run, body, deadline), {
          dedup: `${run} ${body} ${deadline}`,
        }),
      ),
    letter: (run: RunId, body: string) =>
      done(
        deadLetters(bus.records).bury(frameOf(run, body, 0), {
          reason: 'test',
          mailbox: { kind: 'peer', peer: peerId('coder-1') },
          by: peerId('coder-1'),
          at: clock.now(),
        }),
      ),
    depth: async () => (await done(bus.mailboxes.waiting())).reduce((sum, { depth }) => sum + depth, 0),
    /** Its record, over now unless it says otherwise. */
    async run(name: string, more: Partial<RunRecord> = {}): Promise<RunId> {
      const run = runId(name)
      const now = clock.now()
      const record: RunRecord = {
        format: 1,
        run,
        goal: '',
        origin: peerId(`origin-${run}`),
        base: null,
        documents: null,
        workspace: null,
        start: { role: roleName('coder'), message: START, answers: [] },
        model: 'offline',
        sampled: false,
        limits: null,
        prices: null,
        endingAt: null,
        writtenOff: null,
        startedAt: now,
        deadline: now + HOUR,
        state: 'over',
        outcome: 'completed',
        reason: null,
        endedAt: now,
        root: { spanId: '' } as RunRecord['root'],
        ...more,
      }
      await done(bus.records.append(runKey(run), encodeRun(record), 0))
      return run
    },
    clean: (which: CleanOptions['which'], more: Partial<CleanOptions> = {}) =>
      done(
        clean({
          bus,
          clock,
          which,
          dryRun: false,
          say: () => {},
          signal: new AbortController().signal,
          ...more,
        }),
      ),
  }
}

const OPEN = { state: 'open', outcome: null, endedAt: null } as const

/** A run with one of everything: two conversations, a head, an entry of a blackboard, mail, a dead letter, a tree and its file. */
async function leaveAll(
  { run, append, mail, letter, put, bus, done }: ReturnType<typeof house>,
  name: string,
  more?: Partial<RunRecord>,
) {
  const id = await run(name, more)
  const file = await put(`file of ${name}`)
  const tree = await done(writeTree(bus.blobs, new Map([[treePath('a.js'), { hash: file, mode: 'file' }]])))
  await append(`conversation.${id}.goal`, '{}')
  await append(`conversation.${id}.fix`, `{"tree":"${tree}"}`)
  await append(`head.${id}`, `{"tree":"${tree}"}`)
  await append(`board.${id}.claims.fix`, '{}')
  await mail(id)
  await letter(id, '{}')
  return { run: id, blobs: [file, tree].sort() }
}
const ALL = { records: 5, messages: 1, deadLetters: 1, blobs: 2 }
const NOTHING = { runs: [], records: 0, messages: 0, deadLetters: 0, blobs: 0, bytes: 0 }

describe('what a run left', () => {
  it('stays until the run has been over for long enough, and then goes with all that only it named', async () => {
    const the = house()
    const { run, blobs } = await leaveAll(the, 'r-1')
    await the.wait(WEEK - 1)
    expect(await the.clean({ olderMs: WEEK })).toEqual(NOTHING)
    expect(await the.blobs()).toEqual(blobs)
    await the.wait(1)
    const cleaned = await the.clean({ olderMs: WEEK })
    expect(cleaned).toMatchObject({ runs: [run], ...ALL })
    expect(cleaned.bytes).toBeGreaterThan('file of r-1'.length)
    expect([await the.keys(), await the.depth(), await the.blobs()]).toEqual([[], 0, []])
  })

  it('is answered and not removed where that is asked for', async () => {
    const the = house()
    const { blobs } = await leaveAll(the, 'r-1')
    await the.wait(WEEK)
    const before = await the.keys()
    expect(await the.clean({ olderMs: WEEK }, { dryRun: true })).toMatchObject(ALL)
    expect([await the.keys(), await the.depth(), await the.blobs()]).toEqual([before, 1, blobs])
    expect(await the.clean({ olderMs: WEEK })).toMatchObject(ALL)
  })

  it('stays while the run is under way, as long as that may be', async () => {
    const the = house()
    const { blobs } = await leaveAll(the, 'r-1', { ...OPEN, deadline: the.clock.now() + 100 * DAY })
    await the.wait(99 * DAY)
    expect(await the.clean({ olderMs: 0 })).toEqual(NOTHING)
    expect(await the.blobs()).toEqual(blobs)
  })

  it('goes when the deadline of a run has passed whose starter was killed', async () => {
    const the = house()
    await leaveAll(the, 'r-1', { ...OPEN, deadline: the.clock.now() + HOUR })
    await the.wait(HOUR + WEEK)
    expect(await the.clean({ olderMs: WEEK })).toMatchObject(ALL)
  })

  it('stays while somebody holds the origin of the run, whatever its record says', async () => {
    const the = house()
    const { run } = await leaveAll(the, 'r-1')
    const { bus, clock } = the
    const origin = await the.done(holdOrigin(run, { leases: bus.leases, clock, log: silentLog }))
    await the.wait(HOUR)
    expect(await the.clean({ olderMs: 0 })).toEqual(NOTHING)
    await expect(the.clean({ run })).rejects.toMatchObject({ code: 'flock.under-way' })
    await the.done(origin.release())
    expect(await the.clean({ olderMs: 0 })).toMatchObject({ runs: [run], records: 5 })
  })

  it('goes at once, and alone, where the run is named', async () => {
    const the = house()
    const { run } = await leaveAll(the, 'r-1')
    await leaveAll(the, 'r-2')
    expect(await the.clean({ run })).toMatchObject({ runs: [run], ...ALL, blobs: 0 })
    expect(await the.keys()).toHaveLength(6)
    expect(await the.depth()).toBe(1)
  })

  it('is not removed of a run that is named and under way', async () => {
    const the = house()
    const { run } = await leaveAll(the, 'r-1', OPEN)
    const cleaning = the.clean({ run })
    await expect(cleaning).rejects.toMatchObject({ code: 'flock.under-way' })
    await expect(cleaning).rejects.toThrow(/"r-1" is not over.*until its deadline, \d{4}-/)
  })

  it('is found again by the next one when cleaning was stopped', async () => {
    const the = house()
    await leaveAll(the, 'r-1')
    await the.wait(WEEK)
    const stop = new AbortController()
    const say = (text: string) => void (text.includes('"head"') && stop.abort())
    expect(await the.clean({ olderMs: WEEK }, { say, signal: stop.signal })).toMatchObject({
      messages: 1,
      records: 2,
      deadLetters: 0,
      blobs: 0,
    })
    expect(await the.clean({ olderMs: WEEK })).toMatchObject({
      messages: 0,
      records: 3,
      deadLetters: 1,
      blobs: 2,
    })
  })

  it('goes by its own age where it came after the record of its run was gone', async () => {
    const the = house()
    const run = runId('r-gone')
    await the.append(`conversation.${run}.late`, '{}')
    await the.letter(run, '{}')
    await the.mail(run, '{}', the.clock.now())
    await the.wait(HOUR - 1)
    expect(await the.clean({ olderMs: 0 })).toEqual(NOTHING)
    await the.wait(1)
    expect(await the.clean({ olderMs: 0 })).toMatchObject({ records: 1, messages: 1, deadLetters: 1 })
  })

  it.each(RUN_RECORDS)('goes with it where it is of the kind "%s"', async (kind) => {
    const the = house()
    const run = await the.run('r-1')
    if (kind !== 'run') await the.append(`${kind}.${run}.fix`, '{}')
    expect(await the.clean({ run })).toMatchObject({ runs: [run] })
    expect(await the.done(the.bus.records.latest(kind))).toEqual([])
  })

  it('stays where it is a record that skein does not know', async () => {
    const the = house()
    await the.run('r-1')
    await the.append('recipes.r-1', '{}')
    await the.wait(WEEK)
    await the.clean({ olderMs: 0 })
    expect(await the.done(the.bus.records.latest('recipes'))).toHaveLength(1)
  })
})

describe('the record of a rate', () => {
  const rates = async ({ done, bus }: ReturnType<typeof house>) =>
    (await done(bus.records.history('rate'))).map(({ key }) => key)

  it('goes when nobody wrote it for a day, and not with a run', async () => {
    const the = house()
    const run = await the.run('r-1')
    await the.append('rate.a', '{}')
    await the.wait(DAY / 2)
    await the.append('rate.b', '{}')
    await the.wait(DAY / 2)
    await the.clean({ run })
    expect(await rates(the)).toEqual(['rate.a', 'rate.b'])
    expect(await the.clean({ olderMs: WEEK }, { dryRun: true })).toMatchObject({ records: 1 })
    expect(await the.clean({ olderMs: WEEK })).toMatchObject({ records: 1 })
    expect(await rates(the)).toEqual(['rate.b'])
  })

  it('keeps its last entry only, while it is used', async () => {
    const the = house()
    await the.append('rate.a', '1', await the.append('rate.a', '0'))
    expect(await the.clean({ olderMs: WEEK })).toEqual(NOTHING)
    expect((await the.done(the.bus.records.history('rate'))).map(({ value }) => `${value}`)).toEqual(['49'])
  })

  it('stays where somebody writes it while others are cleaned', async () => {
    const the = house()
    const revision = await the.append('rate.a', '{}')
    await the.wait(DAY)
    const latest: Bus['records']['latest'] = async (prefix) => {
      const found = await the.bus.records.latest(prefix)
      if (prefix === 'rate') await the.bus.records.append('rate.a', bytes('{}'), revision)
      return found
    }
    await the.clean({ olderMs: WEEK }, { bus: { ...the.bus, records: { ...the.bus.records, latest } } })
    expect(await rates(the)).toEqual(['rate.a'])
  })
})

describe('a blob', () => {
  const underWay = async (the: ReturnType<typeof house>) =>
    the.run('r-1', { ...OPEN, deadline: the.clock.now() + 100 * DAY })

  it('stays for two hours, with what it names', async () => {
    const the = house()
    const old = await the.put('old')
    await the.wait(DAY)
    const young = await the.put(`{"earlier":"${old}"}`)
    await the.wait(2 * HOUR)
    expect(await the.clean({ olderMs: 0 })).toEqual(NOTHING)
    expect(await the.blobs()).toEqual([old, young].sort())
    await the.wait(1)
    expect(await the.clean({ olderMs: 0 })).toMatchObject({ blobs: 2 })
  })

  it.each<[string, (the: ReturnType<typeof house>, run: RunId, hash: string) => Promise<unknown>]>([
    [
      'the record of a conversation',
      (the, run, hash) => the.append(`conversation.${run}.a`, `{"tree":"${hash}"}`),
    ],
    [
      'an earlier commit of one, whose message may be on its way',
      async (the, run, hash) => {
        const revision = await the.append(`conversation.${run}.a`, `{"tree":"${hash}"}`)
        await the.append(`conversation.${run}.a`, '{}', revision)
      },
    ],
    ['a message', (the, run, hash) => the.mail(run, `{"tree":"${hash}"}`)],
    ['a message that says nothing of a run', (the, _, hash) => the.mail('?' as RunId, hash)],
    ['a dead letter', (the, run, hash) => the.letter(run, `{"tree":"${hash}"}`)],
    [
      'a blob that is named by a blob that is named',
      async (the, run, hash) => {
        const second = await the.put(`{"earlier":"${hash}"}`)
        const first = await the.put(`{"earlier":"${second}"}`)
        await the.append(`head.${run}`, first)
      },
    ],
  ])('stays while it is named by %s', async (_, name) => {
    const the = house()
    const run = await underWay(the)
    const hash = await the.put('named')
    await name(the, run, hash)
    await the.put('not named')
    await the.wait(DAY)
    expect(await the.clean({ olderMs: 0 })).toMatchObject({ blobs: 1, bytes: 'not named'.length })
    expect(await the.blobs()).toContain(hash)
  })

  it('stays where it is put again while others are looked at', async () => {
    const the = house()
    await underWay(the)
    const again = await the.put('again')
    await the.append('head.r-1', await the.put('named'))
    await the.wait(DAY)
    const get: Bus['blobs']['get'] = async (hash) => {
      await the.bus.blobs.put(bytes('again'))
      return the.bus.blobs.get(hash)
    }
    const bus = { ...the.bus, blobs: { ...the.bus.blobs, get } }
    expect(await the.clean({ olderMs: 0 }, { bus })).toEqual(NOTHING)
    expect(await the.blobs()).toContain(again)
  })
})
