import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { busContract } from '../contracts/bus.ts'

busContract('memory bus', async (options) => {
  const network = memoryNetwork({ clock: systemClock(), random: systemRandom(), ...options })
  const buses: { close(): Promise<void> }[] = []
  return {
    async connect() {
      const bus = network.connect(`client-${buses.length}`)
      buses.push(bus)
      return bus
    },
    async dispose() {
      await Promise.all(buses.map((bus) => bus.close()))
    },
  }
})
