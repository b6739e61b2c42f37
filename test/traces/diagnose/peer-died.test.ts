import { describe, expect, it } from 'vitest'
import { peerDied } from '../../../traces/diagnose/peer-died.ts'
import { script } from './script.ts'

describe('a peer that died', () => {
  it('is found once for its process, with who went on and what was started again', () => {
    const play = script()
    const planner = play.opens(play.goal)
    const [a, b] = ['a', 'b'].map((id) => play.opens(planner.send('task.request', { to: ['coder', id] })))
    play.pause(8_000)
    a!.isAdopted('host/7').tool('test', { attempt: 2 })
    b!.isAdopted('host/7')
    const found = peerDied.detect(play.story())
    expect(found).toMatchObject([{ severity: 'note', nodes: { length: 3 } }])
    expect(found[0]!.seen).toMatch(
      /^Process host\/7 was gone, and coder-1 went on with 2 conversations .* after up to 8\.\d+ s; test had/,
    )
  })

  it('is none where a process takes over from itself', () => {
    const play = script()
    play.opens(play.goal).isAdopted('host/2')
    expect(peerDied.detect(play.story())).toEqual([])
  })

  it('is none where only the origin of the run moved, as when who started it leaves it to the peers', () => {
    const play = script()
    play.opens(play.goal)
    play.origin.isAdopted('host/7').isAdopted('host/8')
    expect(peerDied.detect(play.story())).toEqual([])
  })

  it('is found where more than the origin of the run was taken over from a process', () => {
    const play = script()
    const planner = play.opens(play.goal)
    play.origin.isAdopted('host/7')
    planner.isAdopted('host/7')
    const found = peerDied.detect(play.story())
    expect(found).toMatchObject([{ severity: 'note', nodes: { length: 2 } }])
    expect(found[0]!.seen).toContain('2 conversations')
  })

  it('is worse where something was given up over it', () => {
    const play = script()
    play.opens(play.goal).tool('crash', { error: 'effect.died' })
    expect(peerDied.detect(play.story())).toMatchObject([{ severity: 'error' }])
  })

  it('is none where a tool failed', () => {
    const play = script()
    play.opens(play.goal).tool('look', { error: 'tool.timeout' })
    expect(peerDied.detect(play.story())).toEqual([])
  })
})
