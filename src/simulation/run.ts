/** The run that is simulated: its record and first message as whoever starts a run writes them, and its origin. */

import { failure } from '../../protocols/failure.ts'
import { conversationId, messageId, runId } from '../../protocols/ids.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { spanIdOf, traceIdOf, traceparent } from '../../traces/propagation.ts'
import type { Bus } from '../bus/bus.ts'
import { createCodec } from '../codec/codec.ts'
import { holdPeer, PeerTakenError } from '../peer/lease.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { ORIGIN_CONVERSATION, ORIGIN_ROLE, originBehaviour, originPeer } from '../run/origin.ts'
import { encodeRun, runKey } from '../run/run-record.ts'
import { formatStake, WHOLE_STAKE } from '../run/stake.ts'
import { createHost } from '../turn/host.ts'
import type { SimulatedFlock } from './flock.ts'
import type { Hosted } from './process.ts'

export const RUN = runId('sim')
export const ORIGIN = conversationId(RUN, ORIGIN_CONVERSATION)
export const ORIGIN_PEER = originPeer(RUN)
const SUBMIT = conversationId(RUN, 'submit')
/** The first message, which no conversation sends. */
export const FIRST_MESSAGE = messageId(SUBMIT, ORIGIN, 1)

const HOPS = 64

const codecOf = ({ start }: SimulatedFlock) =>
  createCodec(createRegistry([runProtocol, failure], [start.message, ...start.answers]))

/** Writes the run's record and sends its first message. */
export async function submit(
  bus: Bus,
  flock: SimulatedFlock,
  startedAt: number,
  deadline: number,
): Promise<void> {
  const { start, base = null, documents = null } = flock
  const root = { traceId: traceIdOf(RUN), spanId: spanIdOf(RUN) }
  const record = encodeRun({
    ...{ format: 1, run: RUN, goal: 'simulated', origin: ORIGIN_PEER, base, documents, workspace: null },
    ...{ startedAt, deadline, state: 'open', outcome: null, reason: null, endedAt: null },
    root: {
      ...{ ...root, name: 'simulated', kind: 'internal', startMs: startedAt, endMs: startedAt },
      ...{ attributes: {}, resource: {} },
    },
  })
  await bus.records.append(runKey(RUN), record, 0)
  const frame = codecOf(flock).encode({
    id: FIRST_MESSAGE,
    type: runProtocol.messages.start.type,
    version: runProtocol.version,
    from: { role: ORIGIN_ROLE, peer: ORIGIN_PEER, conversation: SUBMIT },
    to: { role: ORIGIN_ROLE, conversation: ORIGIN },
    run: RUN,
    slip: [],
    deadline,
    hops: HOPS,
    stake: formatStake(WHOLE_STAKE),
    sentAt: startedAt,
    traceparent: traceparent(root, true),
    body: { role: start.role, type: start.message.type, body: start.body },
  })
  await bus.mailboxes.put({ kind: 'peer', peer: ORIGIN_PEER }, frame, { dedup: FIRST_MESSAGE })
}

/** Hosts the origin in a process of its own. @throws PeerTakenError while its lease is held by a process before it */
export async function hostOrigin(ports: ProcessPorts, flock: SimulatedFlock): Promise<Hosted> {
  const { bus, clock, log } = ports
  const held = await holdPeer(ORIGIN_PEER, {
    leases: bus.leases,
    clock,
    log,
    value: JSON.stringify({ run: RUN }),
  })
  if (held === undefined) throw new PeerTakenError(ORIGIN_PEER)
  const host = createHost({
    ...ports,
    codec: codecOf(flock),
    behaviour: originBehaviour(flock.start.message, flock.start.answers),
    handlers: {},
    peer: ORIGIN_PEER,
    epoch: held.epoch,
    limit: 0,
    assure: held.assure,
    resource: {},
  })
  const lost = new Promise<void>((resolve) =>
    held.lost.addEventListener('abort', () => resolve(), { once: true }),
  )
  await host.start()
  return {
    lost,
    async drain() {
      await host.drain()
      await held.release()
    },
  }
}
