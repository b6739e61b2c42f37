/**
 * What an idle conversation costs: many of them are opened at a host in another process, whose memory is looked at
 * before and after, and some are woken.
 */
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { type ConversationId, conversationId, runId } from '../../protocols/ids.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import { subjectsOf } from '../../src/bus/nats/subjects.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import type { Server } from '../bare-court.ts'
import { startChild } from '../child.ts'
import { envelopeOf } from '../umpire.ts'
import { followCommits } from './commits.ts'
import type { IdleTask, Memory } from './process.ts'
import { idleRole, type Kind, nap, napCodec } from './roles.ts'

export type IdleResult = {
  readonly kind: Kind
  readonly conversations: number
  /** Bytes for each conversation: of the host's memory, and of the journal on the server's disk. */
  readonly bytes: { readonly heap: number; readonly resident: number; readonly disk: number }
  /** Milliseconds from the put of a message to the sight of its commit, to each conversation in turn. */
  readonly idle: readonly number[]
  /** The same for the next message to the same conversation. */
  readonly justUsed: readonly number[]
}

const CONVERSATIONS = 10_000
/** On a slow machine there are as many as it opens in this time: it must not take for ever. */
const BUDGET_MS = 15_000
/** Opened before anything is counted: code is compiled, and the heap finds its size. */
const WARM_UP = 1_000
const WAKES = 100
/** Messages put at once. */
const IN_FLIGHT = 64

export async function measureIdle(kind: Kind, server: Server): Promise<IdleResult> {
  const task: IdleTask = { server, kind }
  const child = await startChild(new URL('process.js', import.meta.url), task, ['--expose-gc'])
  const bus = await natsBus({ ...server, prefix: kind })
  const commits = await followCommits(bus)
  const clock = systemClock()
  const run = runId('idle')
  const { name: role } = idleRole(kind)
  const names = Array.from({ length: WARM_UP + CONVERSATIONS }, (_, index) =>
    conversationId(run, `idle-${index + 1}`),
  )
  let opened = 0

  async function nudge(conversation: ConversationId, number: number): Promise<void> {
    const envelope = envelopeOf(nap.messages.nudge, run, { role, conversation }, number, clock.now())
    await bus.mailboxes.put({ kind: 'role', role }, napCodec.encode({ ...envelope, body: {} }), {
      dedup: envelope.id,
    })
  }

  /** Opens the first so many, if there is time. Answers how many are open then. */
  async function open(most: number): Promise<number> {
    const late = performance.now() + BUDGET_MS
    const worker = async () => {
      while (opened < most && performance.now() < late) await nudge(names[opened++]!, 1)
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
    await commits.total(opened)
    return opened
  }

  async function wake(conversation: ConversationId, number: number): Promise<number> {
    const committed = commits.next(conversation)
    const begun = performance.now()
    await nudge(conversation, number)
    await committed
    return performance.now() - begun
  }

  async function look() {
    return { ...(await child.ask<Memory>('memory')), disk: await journalBytes(server, kind) }
  }

  async function measure(): Promise<IdleResult> {
    const warm = await open(WARM_UP)
    const before = await look()
    const conversations = (await open(names.length)) - warm
    const after = await look()
    const each = (what: keyof typeof after) => (after[what] - before[what]) / conversations
    const [idle, justUsed]: [number[], number[]] = [[], []]
    for (let woken = 0; woken < WAKES; woken++) {
      const conversation = names[warm + Math.floor((woken * conversations) / WAKES)]!
      idle.push(await wake(conversation, 2))
      justUsed.push(await wake(conversation, 3))
    }
    const bytes = { heap: each('heap'), resident: each('resident'), disk: each('disk') }
    return { kind, conversations, bytes, idle, justUsed }
  }

  const result = await Promise.race([measure(), child.died])
  await commits.close()
  await bus.close()
  await child.leave()
  return result
}

/** All that the records of a bus take on the server's disk. */
async function journalBytes({ url, token }: Server, prefix: string): Promise<number> {
  const nats = await connect({ servers: url, token })
  const { streams } = await jetstreamManager(nats)
  const { state } = await streams.info(subjectsOf(prefix).recordStream)
  await nats.close()
  return state.bytes
}
