/** What is flown: peers are killed, and in the middle of calls that one pays for; then a server, then one of three. */
import type { Plan } from './plan.ts'
import { killLeader, restart } from './server-hits.ts'

/** Short, so that a kill costs seconds; long enough for a busy machine to keep its leases. */
const ADOPTION_S = 4
/** Servers elect a leader within 4 to 9 seconds (nats-server's raft), and leases have to outlive that. */
const CLUSTER_ADOPTION_S = 24
/** Longer than a lease lives, and until somebody looks. */
const PAUSE_MS = 5_000

const kills: Plan = {
  name: 'kills',
  workspace: 'textkit',
  hasEndpoint: false,
  servers: 1,
  adoptionS: ADOPTION_S,
  storm: { kills: 20, pauses: 4, paceMs: 1_200, pauseMs: PAUSE_MS, aimed: 0 },
  starterDiesWithinMs: 10_000,
  serverHits: [],
}

const { starterDiesWithinMs: _, ...others } = kills

const model: Plan = {
  ...others,
  name: 'model',
  workspace: 'tiny',
  hasEndpoint: true,
  storm: { kills: 10, pauses: 1, paceMs: 700, pauseMs: PAUSE_MS, aimed: 0.5 },
}

const server: Plan = {
  ...others,
  name: 'server',
  storm: { ...kills.storm, kills: 8, pauses: 0, paceMs: 2_500 },
  serverHits: [restart('SIGKILL'), restart('SIGTERM')],
}

const cluster: Plan = {
  ...others,
  name: 'cluster',
  servers: 3,
  adoptionS: CLUSTER_ADOPTION_S,
  storm: { ...kills.storm, kills: 4, pauses: 0, paceMs: 4_000 },
  serverHits: [killLeader, killLeader],
}

export const FLIGHTS: readonly Plan[] = [kills, model, server, cluster]
