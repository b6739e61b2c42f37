import { describe, expect, it } from 'vitest'
import { HEADER } from '../../protocols/envelope.ts'
import { peerId, roleName } from '../../protocols/ids.ts'
import type { Frame } from '../../src/bus/frame.ts'
import { arrived, barred, barredBecause, passedOn, routed, routeOf } from '../../src/codec/route.ts'

const frame: Frame = {
  headers: { [HEADER.id]: 'r1/plan>r1/write#3', [HEADER.sentAt]: '17' },
  body: new Uint8Array([1, 2]),
}
const desk = { kind: 'desk', peer: peerId('coder-1') } as const
const passage = (peer: string) => ({
  ...{ peer: peerId(peer), role: roleName('coder'), host: 'here', pid: 7, takenAt: 1, sentAt: 2 },
})

describe('a frame that passes through a peer', () => {
  it('says where it shall end, and who had it', () => {
    const first = routed(frame, desk)
    const second = routed(passedOn(first, passage('coder-2')), desk)
    expect(routeOf(frame)).toBeUndefined()
    expect(routeOf(first)).toMatchObject({ to: desk, trail: [], sentAt: '17', conversation: 'r1/write' })
    expect(routeOf(second)?.trail.map(({ peer }) => peer)).toEqual(['coder-2'])
  })

  it('ends with who had it, and its body as it was', () => {
    const last = arrived(routed(passedOn(frame, passage('coder-2')), desk))
    expect(routeOf(last)).toBeUndefined()
    expect(JSON.parse(last.headers[HEADER.trail]!)).toEqual([passage('coder-2')])
    expect(last.body).toEqual(frame.body)
  })

  it('is read without regard to the case of its headers', () => {
    const { headers } = routed(frame, desk)
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    expect(routeOf({ ...frame, headers: lower })?.to).toEqual(desk)
    expect(routeOf(arrived({ ...frame, headers: lower }))).toBeUndefined()
  })

  it('carries why it was not passed on, in any language', () => {
    const stopped = barred(routed(frame, desk), 'kein Weg über „coder-2“\r\n')
    expect(routeOf(stopped)).toBeUndefined()
    expect(stopped.headers[HEADER.barred]).toMatch(/^[ -~]+$/)
    expect(barredBecause(stopped)).toBe('kein Weg über „coder-2“\r\n')
    expect(barredBecause(frame)).toBeUndefined()
  })

  it.each([
    ['a mailbox that is none', { [HEADER.route]: 'shelf.coder-1' }],
    ['no id', { [HEADER.route]: 'desk.coder-1', [HEADER.id]: 'nobody' }],
    ['a trail that is none', { [HEADER.route]: 'desk.coder-1', [HEADER.trail]: '{' }],
  ])('is refused with %s', (_, headers) => {
    expect(() => routeOf({ ...frame, headers: { ...frame.headers, ...headers } })).toThrow(
      expect.objectContaining({ code: 'invalid.route' }),
    )
  })
})
