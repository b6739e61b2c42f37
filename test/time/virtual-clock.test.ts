import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sleep, type Timer } from '../../src/time/clock.ts'
import { type VirtualClock, virtualClock } from '../../src/time/virtual-clock.ts'

function runDry(clock: VirtualClock): void {
  while (clock.step());
}

test('stands still until it is told to go on', () => {
  const clock = virtualClock(1_000)
  let fired = false
  clock.setTimer(0, () => {
    fired = true
  })
  expect([clock.now(), clock.due(), fired]).toEqual([1_000, 1_000, false])
  expect(clock.step()).toBe(true)
  expect([clock.now(), clock.due(), fired]).toEqual([1_000, undefined, true])
  expect(clock.step()).toBe(false)
})

test('is at the due time of a timer while it fires, also of one set by another', () => {
  const clock = virtualClock()
  const times: number[] = []
  clock.setTimer(10, () => {
    times.push(clock.now())
    clock.setTimer(5, () => times.push(clock.now()))
  })
  clock.setTimer(100, () => times.push(clock.now()))
  runDry(clock)
  expect(times).toEqual([10, 15, 100])
})

test('fires a timer that is set for now after those that are due already', () => {
  const clock = virtualClock()
  const fired: string[] = []
  clock.setTimer(10, () => {
    fired.push('first')
    clock.setTimer(0, () => fired.push('third'))
  })
  clock.setTimer(10, () => fired.push('second'))
  runDry(clock)
  expect(fired).toEqual(['first', 'second', 'third'])
})

test('does not fire a cancelled timer, nor go to its time', () => {
  const clock = virtualClock()
  const cancelled = clock.setTimer(10, () => expect.unreachable())
  const fired = clock.setTimer(20, () => {})
  cancelled.cancel()
  expect(clock.due()).toBe(20)
  expect(clock.step()).toBe(true)
  expect(clock.now()).toBe(20)
  fired.cancel()
  expect(clock.step()).toBe(false)
})

test('lets a timer cancel another that is due at the same time', () => {
  const clock = virtualClock()
  let other: Timer | undefined
  clock.setTimer(10, () => other?.cancel())
  other = clock.setTimer(10, () => expect.unreachable())
  runDry(clock)
  expect(clock.now()).toBe(10)
})

test('never goes back: a negative delay is none', () => {
  const clock = virtualClock(50)
  clock.setTimer(-10, () => {})
  runDry(clock)
  expect(clock.now()).toBe(50)
})

test('fires what is not cancelled in the order of due time, then of setting', () => {
  const timers = fc.array(fc.record({ delayMs: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 60 })
  fc.assert(
    fc.property(timers, (wanted) => {
      const clock = virtualClock()
      const fired: number[] = []
      wanted
        .map(({ delayMs }, index) => clock.setTimer(delayMs, () => fired.push(index)))
        .forEach((timer, index) => {
          if (wanted[index]?.cancelled) timer.cancel()
        })
      runDry(clock)
      const live = [...wanted.entries()].filter(([, { cancelled }]) => !cancelled)
      const expected = live.sort(([i, a], [j, b]) => a.delayMs - b.delayMs || i - j).map(([index]) => index)
      expect(fired).toEqual(expected)
    }),
  )
})

test('ends a sleep when its time has come', async () => {
  const clock = virtualClock()
  const slept = sleep(clock, 30)
  runDry(clock)
  await slept
  expect(clock.now()).toBe(30)
})

test('ends a sleep whose signal is aborted, before or meanwhile, and leaves no timer', async () => {
  const clock = virtualClock()
  const stop = new AbortController()
  const slept = sleep(clock, 30, stop.signal)
  stop.abort()
  await slept
  await sleep(clock, 30, stop.signal)
  expect(clock.due()).toBeUndefined()
  expect(clock.now()).toBe(0)
})
