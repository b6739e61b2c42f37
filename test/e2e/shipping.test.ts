/** The second workspace, on a server that was there before, with a peer that was there before the run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HEADER } from '../../protocols/envelope.ts'
import { peerId, roleName } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import type { Frame } from '../../src/bus/frame.ts'
import type { Mailbox, Reader } from '../../src/bus/mailboxes.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import type { RunReport } from '../../src/flock/run-report.ts'
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
  const dead = { kind: 'dead' } as const

  /** Sends a letter, and takes out of some mailboxes what came of it. */
  async function outcomeOf(sent: Frame, mailboxes: readonly Mailbox[]): Promise<Frame[]> {
    const id = sent.headers[HEADER.id]!
    const readers = await Promise.all(mailboxes.map((one) => bus.mailboxes.reader(one, { prefetch: 1 })))
    await bus.mailboxes.put(toResearcher, sent, { dedup: id })
    const signal = AbortSignal.timeout(PATIENCE_MS)
    return Promise.all(readers.map((reader) => frameAbout(id, reader, signal)))
  }

  async function frameAbout(id: string, reader: Reader, signal: AbortSignal): Promise<Frame> {
    for (;;) {
      const delivery = await reader.next(signal)
      if (delivery === undefined) throw new Error(`nothing came of "${id}"`)
      await delivery.ack()
      const { headers } = delivery.frame
      if (headers[HEADER.id] !== id && headers[HEADER.correlation] !== id) continue
      await reader.close()
      return delivery.frame
    }
  }

  it('answers malformed JSON with a failure and keeps a copy with the reason', async () => {
    const [answer, copy] = await outcomeOf(letter(1, { body: '{"question": ' }), [toWriter, dead])
    expect(answer!.headers).toMatchObject({ [HEADER.type]: 'failure' })
    expect(bodyOf(answer!)).toMatchObject({ kind: 'invalid', of: 'r-outside/desk>r-outside/inquiry-1#1' })
    expect(copy!.headers[HEADER.reason]).toContain('not JSON')
    expect(new TextDecoder().decode(copy!.body)).toBe('{"question": ')
  })

  it('refuses an unknown protocol version and names both versions', async () => {
    const [answer, copy] = await outcomeOf(letter(2, { headers: { [HEADER.version]: '7' } }), [
      toWriter,
      dead,
    ])
    expect(bodyOf(answer!)).toMatchObject({ kind: 'invalid' })
    expect(bodyOf(answer!).reason).toMatch(/version 7.* knows 1/)
    expect(copy!.headers[HEADER.reason]).toMatch(/version 7.* knows 1/)
  })

  it('puts a letter without a readable envelope to the dead letters', async () => {
    const [copy] = await outcomeOf(letter(3, { headers: { [HEADER.from]: 'nobody' } }), [dead])
    expect(copy!.headers[HEADER.reason]).toContain(HEADER.from)
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
