/** Ways to hit a server in the middle of a run. */
import { sleep } from '../src/time/clock.ts'
import type { NatsServer } from './nats-server.ts'
import type { ServerHit, Sky } from './plan.ts'

/** From the start of the run, or from the last hit; up to twice as long. */
const CALM_MS = 4_000
/** A server that led is away for so long: until another leads, and then some. */
const AWAY_MS = 10_000
const LOOK_MS = 100

/** Ends the only server and starts it again at once, on what it left on its disk. */
export const restart =
  (signal: 'SIGKILL' | 'SIGTERM'): ServerHit =>
  async (sky) => {
    if (!(await calm(sky))) return false
    const [server] = sky.servers.all
    sky.say(`  restarts ${server!.name} by ${signal}`)
    await server!.end(signal)
    await server!.start()
    return true
  }

/** Kills the leader of the records, and brings it back when the others have done without it for a while. */
export const killLeader: ServerHit = async (sky) => {
  if (!(await calm(sky))) return false
  const leader = await leaderIn(sky)
  if (leader === undefined) return false
  sky.say(`  kills ${leader.name}, which leads`)
  await leader.end('SIGKILL')
  await sleep(sky.clock, AWAY_MS)
  await leader.start()
  sky.say(`  starts ${leader.name} again`)
  return true
}

/** False when the run was over first. */
async function calm({ clock, random, signal }: Sky): Promise<boolean> {
  await sleep(clock, CALM_MS * (1 + random.next()), signal)
  return !signal.aborted
}

async function leaderIn({ wire, servers, clock, signal }: Sky): Promise<NatsServer | undefined> {
  while (!signal.aborted) {
    const leader = await wire.leader()
    const server = servers.all.find(({ name }) => name === leader)
    if (server !== undefined) return server
    await sleep(clock, LOOK_MS, signal)
  }
  return undefined
}
