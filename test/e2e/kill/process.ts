/** A process that hosts the shop's peers, always by the same names, until it is let go of or meets its place to die. */
import { appendFileSync } from 'node:fs'
import { peerId } from '../../../protocols/ids.ts'
import { natsBus } from '../../../src/bus/nats/bus.ts'
import { silentLog } from '../../../src/log.ts'
import { type HostedPeers, hostPeers } from '../../../src/peer/host-peers.ts'
import { PeerTakenError } from '../../../src/peer/lease.ts'
import type { Role } from '../../../src/role/define.ts'
import { sleep } from '../../../src/time/clock.ts'
import { systemRandom } from '../../../src/time/random.ts'
import { systemClock } from '../../../src/time/system-clock.ts'
import type { Life } from './life.ts'
import { countedModel, shopRoles } from './shop.ts'
import { setTrap } from './trap.ts'
import { trappedBus } from './trapped-bus.ts'

/** How often it asks whether the lease of the dead has run out: no server tells. */
const ASK_AGAIN_MS = 50
/** For a farewell to a server that is gone. */
const LEAVE_MS = 5_000

const life = JSON.parse(process.argv[2]!) as Life
const clock = systemClock()
const leaving = new AbortController()
const leave = () => {
  leaving.abort()
  clock.setTimer(LEAVE_MS, () => process.exit(1))
}
if (process.connected) process.once('disconnect', leave)
else leave() // it was let go of before it could listen
const trap = setTrap(life.place, (step) => appendFileSync(life.ledger, `${process.pid} ${step}\n`))
const bus = trappedBus(await natsBus(life.bus), trap)

/** Each peer by itself: one whose lease has not run out yet must not end the other's work again. */
async function host(role: Role): Promise<HostedPeers | undefined> {
  while (!leaving.signal.aborted) {
    try {
      return await hostPeers({
        bus,
        clock,
        random: systemRandom(),
        spans: { emit: () => {}, close: async () => {} },
        log: silentLog,
        host: 'test',
        pid: process.pid,
        scratch: '',
        roles: [{ role, peer: peerId(`${role.name}-1`) }],
        modelFor: () => countedModel(role, trap),
      })
    } catch (error) {
      if (!(error instanceof PeerTakenError)) throw error
      await sleep(clock, ASK_AGAIN_MS, leaving.signal)
    }
  }
  return undefined
}

const hosted = await Promise.all(shopRoles(trap).map(host))
if (!leaving.signal.aborted)
  await new Promise((resolve) => leaving.signal.addEventListener('abort', resolve, { once: true }))
await Promise.all(hosted.map((peer) => peer?.drain()))
await bus.close()
process.exit()
