/**
 * A recorded run, done again: the same hosts and roles as ever, on a bus in this process, in virtual time. Nothing is
 * asked of a model, a tool or the network. It ends with the same messages and the same patch, or with an error that
 * names the first thing that is different.
 */
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { memoryNetwork } from '../bus/memory/network.ts'
import { silentLog } from '../log.ts'
import { hostPeers } from '../peer/host-peers.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { createCourse } from '../recording/course.ts'
import { driveCourse } from '../recording/drive-course.ts'
import { changed } from '../recording/prompt-changes.ts'
import { recordedBus } from '../recording/recorded-bus.ts'
import { recordedEffects } from '../recording/recorded-effects.ts'
import { callsOf, recordedModel } from '../recording/recorded-model.ts'
import { recordedQuotas } from '../recording/recorded-quotas.ts'
import { recordedRouting } from '../recording/recorded-routing.ts'
import { bytesOf, type Recording } from '../recording/recording.ts'
import { RecordingError } from '../recording/recording-error.ts'
import type { Role } from '../role/define.ts'
import { endRun } from '../run/change-run.ts'
import { startDefinitions } from '../run/origin.ts'
import { originPeer } from '../run/origin-address.ts'
import { holdOrigin, startRun } from '../run/start-run.ts'
import type { RunEnd } from '../run/watch-run.ts'
import { systemRandom } from '../time/random.ts'
import { systemClock } from '../time/system-clock.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import { initialiseHead } from '../tools/head.ts'
import { fileRun } from './file-run.ts'
import { keepRecording } from './keep-recording.ts'
import { assureRecordable, type RecordTo } from './recording-file.ts'
import type { RunOptions } from './run.ts'
import type { RunReport } from './run-report.ts'
import { makeStateFolder, runFolder, STATE_FOLDER } from './state-folder.ts'

export type ReplayRunOptions = Pick<RunOptions, 'stateDir' | 'prices' | 'log' | 'onStart' | 'onCommit'> & {
  /** Those that took part must be among them; the others have nothing to do. */
  readonly roles: readonly Role[]
  /** Records the replay. */
  readonly record?: RecordTo | undefined
}

/** Folder in the state folder, so that what a replay leaves takes nobody's place. */
const REPLAYS = 'replays'

/**
 * @throws RecordingError `recording.unreplayable`, `recording.no-role`, and what names the first difference
 * @example
 * const report = await replayRun(await readRecording('run.jsonl'), { roles: Object.values(actors) })
 */
export async function replayRun(recording: Recording, options: ReplayRunOptions): Promise<RunReport> {
  const { header } = recording
  const { stateDir = STATE_FOLDER, log = silentLog, prices, record } = options
  if (record !== undefined) await assureRecordable(record)
  if (header.unreplayable !== null)
    throw new RecordingError('unreplayable', `this run cannot be replayed: ${header.unreplayable}`)
  const seats = header.peers.map(({ peer, role }) => ({ peer, role: roleNamed(role, options.roles) }))
  const clock = virtualClock(header.startedAt)
  const random = systemRandom()
  const network = memoryNetwork({ clock, random }).connect('replay')
  for (const blob of recording.blobs) await network.blobs.put(bytesOf(blob))
  const course = createCourse(recording)
  const effects = recordedEffects(recording, course, network.blobs)
  const ports: ProcessPorts = {
    ...{ bus: recordedBus(network, course, header.end), clock, random, log },
    ...{ host: hostname(), pid: process.pid, scratch: '' },
    spans: { emit: () => {}, close: async () => {} },
    replay: {
      handlersOf: effects.handlersOf,
      routing: recordedRouting(recording, course),
      admit: course.admit,
      quotas: recordedQuotas(course),
    },
  }
  const lease = await holdOrigin(header.run, { leases: network.leases, clock, log })
  const model = recordedModel({ name: header.model, calls: callsOf(recording) })
  await hostPeers({ ...ports, roles: seats, modelFor: () => model })
  const peers = header.peers.map(({ peer, role }) => ({ peer, role, pid: ports.pid }))
  options.onStart?.({
    ...{ run: header.run, startedAt: header.startedAt, deadline: header.deadline },
    ...{ model: header.model, bus: 'memory', logs: null },
    members: peers.map((one) => ({ ...one, model: header.model })),
  })
  const ending = startRun({
    ...ports,
    ...{ run: header.run, goal: header.goal, sampled: header.sampled, model: header.model, lease },
    ...{ hops: header.hops, timeoutMs: header.deadline - header.startedAt },
    start: startOf(recording, options.roles),
    ...(header.base && { base: header.base }),
    ...(header.documents && { documents: header.documents }),
    ...(header.workspace !== null && { workspace: header.workspace }),
    ...(header.topology && { topology: header.topology }),
    ...(header.people && { people: header.people }),
    ...(header.limits && { limits: header.limits }),
    ...(options.onCommit && { onCommit: options.onCommit }),
  })
  const end = await driveCourse(ending, {
    ...{ course, clock, idle: effects.idle, deadline: header.deadline },
    async stop() {
      if (!header.end.stopped) return
      const { outcome, reason } = header.end
      await endRun(network.records, header.run, { outcome, reason }, clock.now())
    },
  })
  assureSameEnd(recording, end)
  if (header.head !== null) await initialiseHead(network.records, header.run, header.head)
  const folder = join(stateDir, REPLAYS)
  await makeStateFolder(stateDir)
  await rm(runFolder(folder, header.run), { recursive: true, force: true })
  const around = { peers, model: header.model, bus: 'memory' as const, logs: null }
  const { sampled } = header
  const report = await fileRun({ stateDir: folder, end, bus: network, sampled, prices, around })
  if (record !== undefined)
    await keepRecording(record, { end, bus: network, now: systemClock().now(), skein: header.skein })
  return report
}

function roleNamed(name: string, roles: readonly Role[]): Role {
  const role = roles.find((one) => one.name === name)
  if (role !== undefined) return role
  throw new RecordingError(
    'no-role',
    `a "${name}" took part in this run, and there is no role of that name: list its module under "roles" in the config, or give it to replayRun()`,
  )
}

function startOf({ header: { start } }: Recording, roles: readonly Role[]) {
  const known = roles.flatMap(({ accepts, sends }) => [...accepts, ...sends])
  return { role: start.role, body: start.body, ...startDefinitions(start, known) }
}

function assureSameEnd({ header }: Recording, { record }: RunEnd): void {
  const { outcome, reason } = header.end
  const now = { outcome: record.outcome, reason: record.reason }
  if (now.outcome !== outcome || now.reason !== reason)
    throw changed('end', `at the end of ${originPeer(header.run)}`, 'how it ended', { outcome, reason }, now)
}
