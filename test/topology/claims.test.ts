import { describe, expect, it } from 'vitest'
import { conversationId, messageId, roleName, runId } from '../../protocols/ids.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { claimKey, createClaims, lyingOn } from '../../src/topology/claims.ts'
import { createView } from '../../src/topology/view.ts'
import { settled } from '../bus/memory/virtual.ts'

const run = runId('r1')
const [mine, job] = [conversationId(run, 'mine'), conversationId(run, 'job')]
const role = roleName('worker')
const MAX_BYTES = 10_000

function board() {
  const clock = virtualClock()
  const network = memoryNetwork({ clock, random: seededRandom(1), maxPayloadBytes: MAX_BYTES })
  const { records, mailboxes, leases } = network.connect('somebody')
  const claims = createClaims({ records, mailboxes, clock, view: createView(leases, clock) })
  const until = <Value>(promise: Promise<Value>) => settled(clock, promise)
  const post = (number: number, bytes: number) =>
    until(
      claims.post({ role, conversation: job }, messageId(mine, job, number), {
        headers: {},
        body: new Uint8Array(bytes),
      }),
    )
  const lying = async () => (await until(lyingOn(records, run))).map(({ body }) => body.length)
  return { records, mailboxes, until, post, lying }
}

describe('a blackboard', () => {
  it('leaves to the mailbox of the role what is too large for it, or for all that lies there already', async () => {
    const { mailboxes, until, post, lying } = board()
    await post(1, 5_000)
    await post(2, 5_000)
    await post(3, 8_000)
    expect(await lying()).toEqual([5_000])
    expect(await until(mailboxes.depth({ kind: 'role', role }))).toBe(2)
  })

  it('shows what can be read of it', async () => {
    const { records, until, post, lying } = board()
    const other = claimKey(conversationId(run, 'other'))
    await until(records.append(other, new TextEncoder().encode('{"format":2}'), 0))
    await post(1, 10)
    expect(await lying()).toEqual([10])
  })
})
