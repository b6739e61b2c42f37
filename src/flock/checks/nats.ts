/** Whether there is a NATS server, or can be one. Looks only: fetches nothing and starts nothing. */
import { natsInfo } from '../../bus/nats/server.ts'
import { findBinary } from '../../embedded/binary.ts'
import { debianSource } from '../../embedded/debian.ts'
import { findEmbeddedNats } from '../../embedded/embedded.ts'
import { EmbeddedNatsError } from '../../embedded/errors.ts'
import { releaseSource } from '../../embedded/release.ts'
import type { Source } from '../../embedded/source.ts'
import { systemRandom } from '../../time/random.ts'
import { systemClock } from '../../time/system-clock.ts'
import { type BusOptions, natsCredentials, natsUrl } from '../open-bus.ts'
import type { Check, Finding } from './finding.ts'

const about = 'NATS'

export const natsCheck =
  (settings: Omit<BusOptions, 'say'>): Check =>
  async () => {
    const url = natsUrl(settings)
    if (url !== undefined) return ask(url, await natsCredentials(settings.env), '')
    const running = await findEmbeddedNats(settings.stateDir)
    if (running !== undefined) return ask(running.url, { token: running.token }, 'the private server, ')
    return lookForBinary(settings)
  }

async function ask(url: string, credentials: object, which: string): Promise<Finding> {
  const { url: shown, version, jetStream } = await natsInfo({ url, ...credentials })
  const text = `${which}${shown}, version ${version}`
  if (jetStream) return { about, state: 'works', text: `${text}, with JetStream` }
  return {
    about,
    state: 'broken',
    text: `${text}, without JetStream`,
    advice: 'start the server with "nats-server -js"',
  }
}

async function lookForBinary({ env }: Pick<BusOptions, 'env'>): Promise<Finding> {
  const clock = systemClock()
  const sources = [releaseSource({ env, clock }), debianSource({ env, clock })].map(unfetched)
  const { signal } = new AbortController()
  try {
    const options = { env, clock, random: systemRandom(), progress: () => {}, signal, sources }
    const binary = await findBinary(options)
    return { about, state: 'works', text: `no server runs; the next run starts ${binary}` }
  } catch (error) {
    if (!(error instanceof EmbeddedNatsError) || env.SKEIN_NATS_SERVER) throw error
    return {
      about,
      state: 'absent',
      text: 'no nats-server here',
      advice: 'the next run fetches one; without a network, install it or set SKEIN_NATS_SERVER',
    }
  }
}

/** A source for who only wants to know whether its binary is in the cache. */
const unfetched = (source: Source): Source => ({
  ...source,
  async fetch() {
    throw new EmbeddedNatsError('doctor', 'not fetched yet')
  },
})
