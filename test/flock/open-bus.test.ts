import { describe, expect, it, onTestFinished } from 'vitest'
import { findBus, openBus } from '../../src/flock/open-bus.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { startNatsServer } from '../nats-server.ts'
import { temporaryFolder } from './clerks.ts'

const around = async (env: Record<string, string | undefined> = {}) => ({
  env,
  stateDir: await temporaryFolder(),
  clock: systemClock(),
  random: systemRandom(),
  signal: new AbortController().signal,
  say: () => {},
})

describe('openBus', () => {
  it('puts nothing in the place of a server that was named and cannot be reached', async () => {
    const options = { ...(await around()), nats: 'nats://127.0.0.1:1' }
    await expect(openBus(options)).rejects.toMatchObject({ code: 'bus.unavailable' })
  })

  it('stays in this process where it is told to, whatever server is named', async () => {
    const options = await around({ NATS_URL: 'nats://127.0.0.1:1' })
    const opened = await openBus({ ...options, inMemory: true })
    await opened.leave()
    expect(opened).toMatchObject({ kind: 'memory', env: {} })
  })

  it('says that the server turns the credentials down', async () => {
    const server = await startNatsServer({ token: 'secret' })
    onTestFinished(() => server.stop())
    const options = { ...(await around({ NATS_TOKEN: 'wrong' })), nats: server.url }
    await expect(openBus(options)).rejects.toMatchObject({ code: 'bus.unauthorized' })
  })

  it('takes the server of NATS_URL, and tells child processes of it without showing the token', async () => {
    const server = await startNatsServer({ token: 'secret' })
    onTestFinished(() => server.stop())
    const withToken = server.url.replace('//', '//secret@')
    const opened = await openBus(await around({ NATS_URL: withToken }))
    await opened.leave()
    expect(opened).toMatchObject({ kind: 'nats', url: server.url, env: { NATS_URL: withToken } })
  })

  it.each(['secret@', 'nats://secret@'])(
    'shows no token of %s before any of several servers',
    async (lead) => {
      const server = await startNatsServer({ token: 'secret' })
      onTestFinished(() => server.stop())
      const { host } = new URL(server.url)
      const opened = await openBus({ ...(await around()), nats: `${lead}${host},${lead}${host}` })
      await opened.leave()
      expect(opened.url).toBe(`nats://${host},nats://${host}`)
    },
  )

  it('shares the private server of the state folder, which ends with its last user', async () => {
    const options = await around({ SKEIN_NATS_SERVER: process.env.SKEIN_NATS_SERVER })
    const [first, second] = [await openBus(options), await openBus(options)]
    const looking = await findBus(options)
    expect([first, second, looking].map(({ url }) => url)).toEqual([first.url, first.url, first.url])
    await Promise.all([looking.leave(), first.leave()])
    await (await findBus(options)).leave()
    await second.leave()
    await expect(findBus(options)).rejects.toMatchObject({ code: 'flock.no-server' })
  })

  it('names a creds file that cannot be read', async () => {
    const options = { ...(await around({ NATS_CREDS: '/nowhere/my.creds' })), nats: 'nats://127.0.0.1:1' }
    await expect(openBus(options)).rejects.toThrow('/nowhere/my.creds')
  })
})

it('says what is wrong with the settings of an installation, and takes no other bus for it', async () => {
  await expect(openBus(await around({ SKEIN_NATS_REPLICAS: '9' }))).rejects.toMatchObject({
    code: 'flock.replicas',
  })
})
