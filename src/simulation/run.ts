/** The run that is simulated: submitted as whoever starts a run submits it, and its origin. */
import { conversationId, messageId, runId } from '../../protocols/ids.ts'
import { holdPeer } from '../peer/lease.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { hostOrigin } from '../run/host-origin.ts'
import { ORIGIN_CONVERSATION, originPeer } from '../run/origin-address.ts'
import { createQuotas } from '../run/quotas.ts'
import { submitRun } from '../run/submit-run.ts'
import type { SimulatedFlock } from './flock.ts'
import type { Hosted } from './process.ts'

export const RUN = runId('sim')
export const ORIGIN = conversationId(RUN, ORIGIN_CONVERSATION)
export const ORIGIN_PEER = originPeer(RUN)
/** The first message, which no conversation sends. */
export const FIRST_MESSAGE = messageId(conversationId(RUN, 'submit'), ORIGIN, 1)

/** Writes the run's record and sends its first message. */
export async function submit(
  { bus, clock, random }: Pick<ProcessPorts, 'bus' | 'clock' | 'random'>,
  flock: SimulatedFlock,
  deadline: number,
): Promise<void> {
  const { start, base, documents, hops, limits, topology } = flock
  if (limits !== undefined) await createQuotas({ records: bus.records, clock, random }).open(RUN, limits)
  const trees = { ...(base && { base }), ...(documents && { documents }) }
  const bounds = { limits, hops, topology, now: clock.now(), deadline }
  await submitRun({ bus, run: RUN, goal: 'simulated', start, ...trees, ...bounds, resource: {} })
}

/** As in the process that a run was started in. Once it is gone, whoever adopts the origin has it. */
export async function startOrigin(ports: ProcessPorts, { start }: SimulatedFlock): Promise<Hosted> {
  const { bus, clock, log } = ports
  const held = await holdPeer(ORIGIN_PEER, { leases: bus.leases, clock, log, value: '' })
  if (held === undefined) return { drain: async () => {} }
  const origin = await hostOrigin({ ...ports, run: RUN, held, known: [start.message, ...start.answers] })
  return {
    async drain() {
      await origin.drain()
      await held.release()
    },
  }
}
