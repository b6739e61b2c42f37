import { describe, expect, it } from 'vitest'
import { HEADER } from '../../protocols/envelope.ts'
import { conversationId, messageId, peerId, roleName, runId } from '../../protocols/ids.ts'
import type { Frame } from '../../src/bus/frame.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import type { Records } from '../../src/bus/records.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { claimKey, createClaims, lyingOn } from '../../src/topology/claims.ts'
import { createView } from '../../src/topology/view.ts'
import { settled } from '../bus/memory/virtual.ts'

const run = runId('r1')
const [mine, job] = [conversationId(run, 'mine'), conversationId(run, 'job')]
const role = roleName('worker')
const MAX_BYTES = 10_000

function board({ isBusy = () => false }: { isBusy?: () => boolean } = {}) {
  const clock = virtualClock()
  const network = memoryNetwork({ clock, random: seededRandom(1), maxPayloadBytes: MAX_BYTES })
  const { records: plain, mailboxes, leases } = network.connect('somebody')
  let appends = 0
  const append: Records['append'] = async (key, value, expected) => {
    appends++
    // Somebody else is always faster, and leaves it to anybody.
    if (isBusy()) {
      const claim = { ...JSON.parse(Buffer.from(value).toString()), peer: null, frames: [] }
      await plain.append(key, Buffer.from(JSON.stringify(claim)), expected)
    }
    return plain.append(key, value, expected)
  }
  const records = { ...plain, append }
  const random = seededRandom(2)
  const claims = createClaims({ records, mailboxes, clock, random, view: createView(leases, clock) })
  const until = <Value>(promise: Promise<Value>) => settled(clock, promise)
  const post = (number: number, bytes: number, headers: Frame['headers'] = {}) =>
    until(
      claims.post({ role, conversation: job }, messageId(mine, job, number), {
        headers,
        body: new Uint8Array(bytes),
      }),
    )
  const lying = async () => (await until(lyingOn(records, run))).map(({ body }) => body.length)
  return { clock, records, mailboxes, claims, until, post, lying, appends: () => appends }
}

describe('a claim that others write all the time', () => {
  const crowd = () => board({ isBusy: () => true })
  const peer = async () => peerId('worker-1')

  it('is given up after a while, with an error that says so, and not sooner', async () => {
    const { clock, claims, until, appends } = crowd()
    const assigning = until(claims.assign(job, role, peer, Number.MAX_SAFE_INTEGER))
    await expect(assigning).rejects.toMatchObject({ code: 'bus.unavailable' })
    await expect(assigning).rejects.toThrow(/the claim of "r1\/job" was changed by others 40 times in a row/)
    expect(appends()).toBe(40)
    expect(clock.now()).toBeGreaterThan(2_000)
  })

  it('is given up at the deadline of the run', async () => {
    const { clock, claims, until } = crowd()
    await expect(until(claims.assign(job, role, peer, 300))).rejects.toThrow(/its time is over/)
    expect(clock.now()).toBeLessThanOrEqual(300)
  })

  it('is tried some times for a message that is late: it is committed', async () => {
    const { post, appends } = crowd()
    await expect(post(1, 10, { [HEADER.deadline]: '0' })).rejects.toThrow(/its time is over/)
    expect(appends()).toBe(3)
  })

  it('is had as soon as they let it be', async () => {
    let left = 5
    const { until, claims, post, lying } = board({ isBusy: () => left-- > 0 })
    await post(1, 10)
    expect(await lying()).toEqual([10])
    expect(await until(claims.assign(job, role, peer, Number.MAX_SAFE_INTEGER))).toBe('worker-1')
  })
})

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
