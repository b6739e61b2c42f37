/** The second workspace, on a server that was there before, with a peer that was there before the run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HEADER } from '../../protocols/envelope.ts'
import { peerId, roleName } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Frame } from '../../src/bus/frame.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import type { RunReport } from '../../src/flock/run-report.ts'
import { type DeadLetter, deadLetters } from '../../src/turn/dead-letters.ts'
import { RESOURCE, SKEIN } from '../../traces/names.ts'
import { type NatsServer, startNatsServer } from '../nats-server.ts'
import { letter, WRITER } from './letter.ts'
import { applyPatch, openProject, type Project, reportOf, spansOf, testsIn, textOf } from './project.ts'
import type { Ended, SkeinProcess } from './skein-process.ts'

const RUN_MS = 300_000
/** For a peer to say that it cannot read a letter. */
const PATIENCE_MS = 20_000

let project: Project
let server: NatsServer
let peer: SkeinProcess

beforeAll(async () => {
  project = await openProject()
  server = await startNatsServer()
  peer = project.skein(['peer', 'researcher', '--nats', server.url])
  await peer.says(/"ready"/)
})
afterAll(async () => {
  await project.close()
  await server.stop()
})

describe('a peer that gets letters it cannot read', () => {
  let bus: Bus

  beforeAll(async () => {
    bus = await natsBus({ url: server.url })
  })
  afterAll(() => bus.close())

  const toResearcher = { kind: 'role', role: roleName('researcher') } as const
  const toWriter = { kind: 'peer', peer: peerId(WRITER.peer) } as const

  const send = (sent: Frame) => bus.mailboxes.put(toResearcher, sent, { dedup: sent.headers[HEADER.id]! })

  /** Takes the answer to a letter out of its writer's mailbox. */
  async function answerTo({ headers }: Frame): Promise<Frame> {
    const reader = await bus.mailboxes.reader(toWriter, { prefetch: 1 })
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const delivery = await reader.next(signal)
      if (delivery === undefined) throw new Error(`nobody answered "${headers[HEADER.id]}"`)
      await delivery.ack()
      if (delivery.frame.headers[HEADER.correlation] !== headers[HEADER.id]) continue
      await reader.close()
      return delivery.frame
    }
  }

  /** What was kept of a letter. */
  async function copyOf({ headers }: Frame): Promise<DeadLetter> {
    const watch = await bus.records.watch('dead')
    const patience = AbortSignal.timeout(PATIENCE_MS)
    patience.addEventListener('abort', watch.close, { once: true })
    for await (const _ of watch) {
      const letters = await deadLetters(bus.records).list()
      const copy = letters.find((letter) => letter.headers[HEADER.id] === headers[HEADER.id])
      if (copy === undefined) continue
      watch.close()
      return copy
    }
    throw new Error(`no copy was kept of "${headers[HEADER.id]}"`)
  }

  it('answers malformed JSON with a failure and keeps a copy with the reason', async () => {
    const sent = letter(1, { body: '{"question": ' })
    await send(sent)
    const answer = await answerTo(sent)
    expect(answer.headers).toMatchObject({ [HEADER.type]: 'failure' })
    expect(bodyOf(answer)).toMatchObject({ kind: 'invalid', of: 'r-outside/desk>r-outside/inquiry-1#1' })
    const { reason, body } = await copyOf(sent)
    expect(reason).toContain('not JSON')
    expect(Buffer.from(body!, 'base64').toString()).toBe('{"question": ')
  })

  it('refuses an unknown protocol version and names both versions', async () => {
    const sent = letter(2, { headers: { [HEADER.version]: '7' } })
    await send(sent)
    const answer = await answerTo(sent)
    expect(bodyOf(answer)).toMatchObject({ kind: 'invalid' })
    expect(bodyOf(answer).reason).toMatch(/version 7.* knows 1/)
    expect((await copyOf(sent)).reason).toMatch(/version 7.* knows 1/)
  })

  it('keeps a copy of a letter without a readable envelope', async () => {
    const sent = letter(3, { headers: { [HEADER.from]: 'nobody' } })
    await send(sent)
    expect((await copyOf(sent)).reason).toContain(HEADER.from)
  })
})

describe('a run on the second workspace', () => {
  let end: Ended
  let report: RunReport

  beforeAll(async () => {
    const workspace = await project.copyOf('shipping')
    const args = ['run', 'Make the failing tests pass', '--workspace', workspace, '--json']
    end = await project.skein([...args, '--nats', server.url, '--peers', 'researcher=1']).ended
    report = reportOf(end)
  }, RUN_MS)

  it('is completed, and its patch makes the failing tests pass', async () => {
    expect({ code: end.code, outcome: report.outcome, bus: report.bus }).toEqual({
      code: 0,
      outcome: 'completed',
      bus: 'nats',
    })
    const fresh = await project.copyOf('shipping', 'fresh')
    expect(await applyPatch(fresh, report.patch!)).toBe(0)
    expect(await testsIn(fresh)).toBe(0)
  })

  it('has a review that was refused', async () => {
    expect(await textOf(report.report)).toMatch(/Round 1, tree `\w+`: refused/)
  })

  it('uses the peer that was there, unharmed by what it could not read', async () => {
    const pids = (await spansOf(report))
      .filter(({ attributes }) => attributes[SKEIN.role] === 'researcher')
      .map(({ resource }) => resource[RESOURCE.processPid])
    expect(new Set(pids)).toEqual(new Set([peer.pid]))
  })

  it('leaves that peer where it was, until it is told to leave', async () => {
    const { code, stderr } = await peer.stop()
    expect(code).toBe(0)
    expect(stderr).toContain('"left"')
  })
})

const bodyOf = ({ body }: Frame) => JSON.parse(new TextDecoder().decode(body)) as { reason: string }
