/**
 * One run of a real job: what `skein run` does, on a bus of its own in this process, with a state folder that lives as
 * long as the run. Its journal says what happened, as that of a simulated run does.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codingJob } from '../../actors/coding.ts'
import type { Message } from '../../protocols/envelope.ts'
import { run } from '../../src/flock/run.ts'
import { ORIGIN_ROLE } from '../../src/run/origin-address.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { MESSAGING, SKEIN } from '../../traces/names.ts'
import type { RealCell } from '../experiment.ts'
import { createObserver } from '../observer.ts'
import type { Sample } from '../results.ts'
import { createBusyTimes } from './busy-times.ts'
import { directoriesOf } from './directories.ts'
import { measureRun } from './metrics.ts'
import { realTopology } from './topology.ts'

/**
 * The seed repeats the run, and draws the links of a topology that has some by chance.
 * @throws the reason of an aborted signal, once the run has ended and left nothing; what `run` throws
 */
export async function runRealCell(cell: RealCell, seed: number, signal?: AbortSignal): Promise<Sample> {
  const { experiment, size, folder } = cell
  const { goal, model, rounds } = experiment.job
  const job = codingJob({
    ...{ goal, ...directoriesOf(experiment.job, folder), topology: realTopology(cell, seed) },
    ...(rounds !== undefined && { rounds }),
    peers: { coder: size, researcher: size },
  })
  const observer = createObserver(new Set(), isTalk)
  const busy = createBusyTimes()
  let [startedAt, largestPrompt] = [0, 0]
  const stateDir = await mkdtemp(join(tmpdir(), 'skein-lab-'))
  try {
    const report = await run(job, {
      ...{ stateDir, inMemory: true, model, timeoutMs: experiment.deadline },
      // Who passed a message on stands in the spans of the record of who took it.
      env: { ...process.env, OTEL_TRACES_SAMPLER: 'always_on' },
      onStart: (started) => {
        startedAt = started.startedAt
      },
      onCommit(record) {
        const atMs = record.at - startedAt
        observer.commit(record, atMs)
        busy.commit(record, atMs)
        for (const [message, mailbox] of putsIn(record)) observer.put(message, mailbox)
        largestPrompt = Math.max(largestPrompt, record.took.call?.promptBytes ?? 0)
      },
      ...(signal !== undefined && { signal }),
    })
    signal?.throwIfAborted()
    const metrics = measureRun({ report, seen: observer.seen(), busy, largestPrompt })
    return { cell: cell.id, seed, outcome: report.outcome, metrics }
  } finally {
    await rm(stateDir, { recursive: true, force: true })
  }
}

/** Coders talk to coders, where the one rests on what the other made. */
const isTalk = ({ from, to }: Pick<Message, 'from' | 'to'>): boolean =>
  from.role !== ORIGIN_ROLE && to.role !== ORIGIN_ROLE && from.conversation !== to.conversation

/**
 * Messages of a commit that were put into a mailbox, and by whom: their sender, or who passed on what it took. What lay
 * on a blackboard was put on the desk of whoever claimed it.
 */
function putsIn({ outbox, spans }: ConversationRecord): readonly (readonly [string, string])[] {
  const sent = outbox.map(({ message }) => [message.id, 'sender'] as const)
  const passed = spans.flatMap(({ attributes }) => {
    const relay = attributes[SKEIN.relay]
    return relay === undefined ? [] : [[String(attributes[MESSAGING.messageId]), `relay ${relay}`] as const]
  })
  return [...sent, ...passed]
}
