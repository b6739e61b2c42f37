import { describe, expect, it } from 'vitest'
import { conversationId, type PeerId, peerId, roleName, runId } from '../../protocols/ids.ts'
import type { RunRecord } from '../../src/run/run-record.ts'
import type { Claims } from '../../src/topology/claims.ts'
import { createRouting } from '../../src/topology/routing.ts'
import type { Topology } from '../../src/topology/topology.ts'

const role = roleName('runner')
const run = runId('r1')

/** One peer's routing on a ring of so many runners. */
function onRing(peers: number, peer: PeerId) {
  const present = Array.from({ length: peers }, (_, index) => ({
    ...{ peer: peerId(`runner-${index + 1}`), role, adopted: false },
  }))
  const topology: Topology = {
    ...{ name: 'ring', overlay: { kind: 'ring' }, wiring: 'peers', placement: 'anybody', roles: [role] },
  }
  const nobody = async () => undefined
  const view = { present: async () => present }
  const routing = createRouting({ peer, role, view, claims: {} as Claims, auction: nobody })
  const to = { kind: 'peer', peer: peerId(`runner-${peers / 2}`) } as const
  return (times: number) =>
    routing.pass(
      { run, topology } as RunRecord,
      { conversation: conversationId(run, 'job'), to, through: Array<string>(times).fill('runner-1') },
      false,
    )
}

describe('a message that was passed on many times', () => {
  it('goes on where the way is as long', async () => {
    const pass = onRing(400, peerId('runner-1'))
    expect(await pass(199)).toEqual({
      ...{ mailbox: { kind: 'peer', peer: 'runner-200' }, via: { kind: 'peer', peer: 'runner-2' } },
    })
  })

  it('is refused in the end: it goes round in circles', async () => {
    const pass = onRing(400, peerId('runner-1'))
    expect(await pass(1_600)).toEqual({ barred: 'it was passed on 1600 times and did not arrive' })
  })
})
