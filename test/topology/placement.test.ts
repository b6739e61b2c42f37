import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conversationId, peerId, runId } from '../../protocols/ids.ts'
import { byHash, leastAssigned, leastLoaded } from '../../src/topology/placement.ts'

const work = (number: number) => conversationId(runId('r-1'), `task-${number}`)
const peers = Array.from({ length: 8 }, (_, at) => peerId(`coder-${at + 1}`))
const many = Array.from({ length: 800 }, (_, at) => work(at))

describe('by hash', () => {
  it.each(peers)('moves the work of a peer that leaves, and no other: %s', (gone) => {
    const left = peers.filter((peer) => peer !== gone)
    const moved = many.filter((one) => byHash(one, left) !== byHash(one, peers))
    expect(moved).toEqual(many.filter((one) => byHash(one, peers) === gone))
    expect(moved.length).toBeGreaterThan(0)
  })

  it('chooses the same whatever the order of the peers', () => {
    const orders = fc.shuffledSubarray(peers, { minLength: peers.length })
    fc.assert(
      fc.property(orders, fc.nat(500), (order, one) => byHash(work(one), order) === byHash(work(one), peers)),
    )
  })

  it('spreads work evenly', () => {
    const counts = peers.map((peer) => many.filter((one) => byHash(one, peers) === peer).length)
    expect(Math.min(...counts)).toBeGreaterThan(70) // of 100 each
    expect(Math.max(...counts)).toBeLessThan(130)
  })

  it('finds nobody among nobody', () => {
    expect(byHash(work(1), [])).toBeUndefined()
  })
})

describe('an auction', () => {
  const [a, b, c] = peers as [(typeof peers)[0], (typeof peers)[0], (typeof peers)[0]]

  it('goes to the least load, however skilled the others are', () => {
    const bids = [
      { peer: a, load: 2, skill: 9 },
      { peer: b, load: 1, skill: 1 },
    ]
    expect(leastLoaded(work(1), bids)).toBe(b)
  })

  it('goes to the most skilled of equal loads', () => {
    const bids = [
      { peer: a, load: 1, skill: 0.5 },
      { peer: b, load: 1, skill: 0.9 },
      { peer: c, load: 3, skill: 1 },
    ]
    expect(leastLoaded(work(1), bids)).toBe(b)
  })

  it('goes by hash where bids are equal, so that ties do not all go to one', () => {
    const bids = peers.map((peer) => ({ peer, load: 0, skill: 1 }))
    for (const one of many) expect(leastLoaded(one, bids)).toBe(byHash(one, peers))
  })

  it('has one winner whatever the order of the bids', () => {
    const bid = fc.record({ load: fc.nat(2), skill: fc.constantFrom(0, 0.5, 1) })
    const bids = fc
      .array(bid, { minLength: 1, maxLength: peers.length })
      .map((bids) => bids.map((bid, at) => ({ peer: peers[at]!, ...bid })))
    const shuffled = bids.chain((bids) =>
      fc.tuple(fc.constant(bids), fc.shuffledSubarray(bids, { minLength: bids.length })),
    )
    fc.assert(
      fc.property(shuffled, ([bids, others]) => leastLoaded(work(1), others) === leastLoaded(work(1), bids)),
    )
  })

  it('has no winner where nobody bids', () => {
    expect(leastLoaded(work(1), [])).toBeUndefined()
  })
})

describe('a hub', () => {
  it('hands everybody as much', () => {
    const assigned = new Map<(typeof peers)[0], number>()
    for (const one of many) {
      const peer = leastAssigned(one, peers, assigned)!
      assigned.set(peer, (assigned.get(peer) ?? 0) + 1)
    }
    expect(peers.map((peer) => assigned.get(peer))).toEqual(peers.map(() => 100))
  })

  it('hands the next to whoever joins', () => {
    const assigned = new Map(peers.slice(1).map((peer) => [peer, 3]))
    expect(leastAssigned(work(1), peers, assigned)).toBe(peers[0])
  })

  it('hands nothing to whoever is gone', () => {
    expect(leastAssigned(work(1), peers.slice(1), new Map([[peers[0]!, 0]]))).not.toBe(peers[0])
    expect(leastAssigned(work(1), [], new Map())).toBeUndefined()
  })
})
