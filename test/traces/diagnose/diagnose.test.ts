import { describe, expect, it } from 'vitest'
import { DETECTORS, diagnose } from '../../../traces/diagnose/diagnose.ts'
import type { Detector, Severity } from '../../../traces/diagnose/finding.ts'
import { diagnosis } from '../../../traces/diagnose/report.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import { sampleRun } from '../sample-run.ts'
import { script } from './script.ts'

const sample = storyOf(traceTree(sampleRun()))

/** Sees something at a turn of the sample. */
const seer = (code: string, severity: Severity, turn: number): Detector => ({
  ...{ code, mast: 'FM-1.3' },
  detect: ({ turns }) => [
    {
      severity,
      seen: `${code}.`,
      why: 'since',
      advice: 'then',
      nodes: [turns[turn]!.node, turns[turn]!.node],
    },
  ],
})

/** Somebody looks again and again, and nobody takes a task. */
function badRun(looks: number) {
  const play = script()
  const planner = play.opens(play.goal)
  for (let time = 0; time < looks; time++) planner.tool('look', { in: 'a', out: 'x' })
  planner.send('task.request', { to: ['coder', 'code'], awaits: true })
  planner.isTold('no-peer')
  play.over('exhausted')
  return play.story()
}

describe('a diagnosis', () => {
  it('has the worst first, and of the same severity the earliest', () => {
    const detectors = [
      seer('a', 'note', 0),
      seer('b', 'error', 5),
      seer('c', 'error', 1),
      seer('d', 'warning', 0),
    ]
    expect(diagnose(sample, detectors).map(({ code }) => code)).toEqual(['c', 'b', 'd', 'a'])
  })

  it('cites each span once, with its ids, name, peer and times', () => {
    const [finding] = diagnose(sample, [seer('a', 'note', 0)])
    const { span, startMs, endMs } = sample.turns[0]!.node
    const { traceId, spanId, name } = span
    expect(finding).toMatchObject({
      ...{ spanCount: 1, startMs, endMs, mast: { mode: 'FM-1.3', name: 'step repetition' } },
      spans: [{ traceId, spanId, name, peer: 'origin', startMs, endMs }],
    })
  })

  it('cites a dozen spans of a long loop, and counts them all', () => {
    const [loop] = diagnose(badRun(40)).filter(({ code }) => code === 'repeated-steps')
    expect([loop!.spans.length, loop!.spanCount]).toEqual([12, 40])
  })

  it('finds nothing in a run that went well, nor in none', () => {
    expect(diagnose(sample)).toEqual([])
    expect(diagnose(storyOf(traceTree([])))).toEqual([])
  })

  it('has codes that are all different', () => {
    expect(new Set(DETECTORS.map(({ code }) => code)).size).toBe(DETECTORS.length)
  })

  it('reads a long run', () => {
    const play = script()
    const planner = play.opens(play.goal)
    for (let task = 0; task < 200; task++) {
      const asked = planner.send('task.request', { to: ['coder', `code-${task}`], awaits: true })
      const coder = play.opens(asked)
      for (let step = 0; step < 23; step++) coder.chat({ out: `${step}` }).tool('look', { in: `${step}` })
      planner.takes(coder.send('task.result', { answers: asked }))
    }
    const story = play.story()
    expect(story.turns.length + story.effects.length).toBeGreaterThan(18_000)
    expect(diagnose(story)).toEqual([])
  })
})

describe('a diagnosis for people', () => {
  const story = badRun(40)
  const text = diagnosis(story, diagnose(story), { width: 80, color: false })

  it('says what was seen, why it matters, what to do, and which spans show it', () => {
    const [finding] = diagnose(story)
    expect(text).toMatch(/^run made-up · exhausted · /)
    for (const part of ['✗ unclaimed-task', '! repeated-steps  FM-1.3 step repetition', 'why', 'do', 'spans'])
      expect(text).toContain(part)
    expect(text).toContain(finding!.spans[0]!.spanId)
    expect(text).toContain('and 28 more')
    expect(text.trimEnd().endsWith('1 error, 1 warning')).toBe(true)
  })

  it('keeps to its width, and has colours only where they are wanted', () => {
    for (const width of [50, 80, 120])
      for (const line of diagnosis(story, diagnose(story), { width, color: false }).split('\n'))
        expect(line.length, line).toBeLessThanOrEqual(width)
    expect(text).not.toContain('\u001b')
    expect(diagnosis(story, diagnose(story), { width: 80, color: true })).toContain('\u001b')
  })

  it('says what it cannot see where it found nothing', () => {
    expect(diagnosis(sample, [], { width: 100, color: false })).toContain('Nothing found by 11 detectors.')
  })
})
