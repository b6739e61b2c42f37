/** What a process brings to the peers it hosts: the ports, and who it is. Made once, at the composition root. */
import type { PeerId } from '../../protocols/ids.ts'
import type { Meter } from '../../traces/meter.ts'
import { RESOURCE } from '../../traces/names.ts'
import type { Redact } from '../../traces/redacted.ts'
import type { SpanSink } from '../../traces/span.ts'
import type { Bus } from '../bus/bus.ts'
import type { Log } from '../log.ts'
import type { ContentPolicy } from '../role/content.ts'
import type { Role } from '../role/define.ts'
import type { Calling } from '../role/purchase.ts'
import type { MessageQuotas } from '../run/quotas.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { EffectHandlers } from '../turn/effects.ts'
import type { HostOptions } from '../turn/host-options.ts'
import type { Committed } from '../turn/journal.ts'
import type { Routing } from '../turn/way.ts'

/** What a process that replays a recorded run has in place of the world. */
export type Replay = {
  /** The effects of a role, in place of its own. */
  readonly handlersOf: (role: Role, plain: EffectHandlers) => EffectHandlers
  readonly routing: Routing
  readonly admit: NonNullable<HostOptions['admit']>
  /** The messages that runs may send, in place of their quotas. */
  readonly quotas: MessageQuotas
}

export type ProcessPorts = {
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly spans: SpanSink
  /** Nobody counts unless given. */
  readonly meter?: Meter | undefined
  /** What of prompts and answers spans hold; nothing unless given. */
  readonly content?: ContentPolicy | undefined
  /** Takes secrets out of what commands print, before it goes to who watches the run; it goes to nobody unless given. */
  readonly liveOutput?: ContentPolicy['redact'] | undefined
  /** Takes secrets out of what spans say of failures, and out of the errors of effects; nothing does unless given. */
  readonly redact?: Redact | undefined
  /** How calls to models keep rates, and whom they fall back on; as fast as they like and on nobody unless given. */
  readonly calling?: Calling | undefined
  /** Told of every commit that peers make here; nobody is unless given. */
  readonly onOwnCommit?: ((committed: Committed) => void) | undefined
  /** A recorded run is replayed here; nothing is unless given. */
  readonly replay?: Replay | undefined
  readonly log: Log
  /** Name of the machine. */
  readonly host: string
  readonly pid: number
  /** A directory of this process's own, for tools to work in. */
  readonly scratch: string
  /** What tools put around the commands that they run; nothing unless given. */
  readonly sandbox?: Sandbox | undefined
}

/** Resource attributes of the spans that a peer makes. */
export const resourceOf = ({ host, pid }: Pick<ProcessPorts, 'host' | 'pid'>, peer: PeerId) => ({
  [RESOURCE.serviceName]: 'skein',
  [RESOURCE.serviceInstanceId]: peer,
  [RESOURCE.hostId]: host,
  [RESOURCE.processPid]: pid,
})
