/** `skein ps` where somebody is missing. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { roleName } from '../../protocols/ids.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import { letter } from '../e2e/letter.ts'
import { openProject, type Project } from '../e2e/project.ts'
import { type NatsServer, startNatsServer } from '../nats-server.ts'

const CLERK = fileURLToPath(new URL('../fixtures/roles/clerk.js', import.meta.url))

let server: NatsServer
let project: Project
beforeAll(async () => {
  project = await openProject()
  server = await startNatsServer()
})
afterAll(async () => {
  await project.close()
  await server.stop()
})

const ps = async (...more: readonly string[]) =>
  (await project.skein(['ps', '--nats', server.url, ...more]).ended).stdout

describe('skein ps', () => {
  it('says what waits for a role that nobody hosts', async () => {
    const bus = await natsBus({ url: server.url })
    const researcher = { kind: 'role', role: roleName('researcher') } as const
    for (const number of [1, 2])
      await bus.mailboxes.put(researcher, letter(number, {}), { dedup: `${number}` })
    await bus.close()
    const peer = project.skein(['peer', CLERK, '--nats', server.url])
    await peer.says(/"ready"/)
    const advice = 'and no process of that role: start one with "skein peer researcher"'
    const lines = (await ps()).trimEnd().split('\n')
    expect(lines[1]).toMatch(/^clerk-1 +clerk +idle/)
    expect(lines.at(-1)).toBe(`waiting  researcher: 2 messages, ${advice}`)
    expect(JSON.parse(await ps('--json'))).toMatchObject([
      { peer: 'clerk-1', state: 'idle' },
      { role: 'researcher', state: 'missing', messages: 2, conversations: 0 },
    ])
  })
})
