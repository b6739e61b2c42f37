/**
 * `diagnose`, held against runs that were written without knowing how it looks: every planted fault must be found, and
 * a span of whoever is to blame must be cited; in two hundred good runs and more, which do come to their end, it must find nothing worse than a note.
 * What it counts is printed, and what it still gets wrong stands in two tables below.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/time/random.ts'
import { diagnose, type Finding } from '../../traces/index.ts'
import { RESOURCE, SKEIN } from '../../traces/names.ts'
import { storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import type { Span } from '../../traces/span.ts'
import { plantedFaults } from './faults/index.ts'
import { prepareCoding } from './good/coding.ts'
import type { GoodKind, GoodRun } from './good/good-run.ts'
import { expectGood } from './good/goodness.ts'
import { goodKinds } from './good/index.ts'

const GOOD_RUNS = Number(process.env.SEEDS ?? 200)
/** Of each of its kinds, besides. */
const CODING_RUNS = 3

/** Planted faults that are not found, and why. */
const MISSED: Readonly<Record<string, string>> = {}

/** What is found in good runs all the same, at most so often in 200 of them, and why it is a mistake. */
const MISTAKEN: readonly { kind: string; code: string; most: number; why: string }[] = []

const findingsIn = (spans: readonly Span[]): readonly Finding[] => diagnose(storyOf(traceTree(spans)))
const shown = ({ code, severity }: Finding) => `${severity} ${code}`

/** Names of the conversations that the cited spans belong to, in the order in which they are cited. */
function citedBy({ spans: cited }: Finding, spans: readonly Span[]): string[] {
  const all = new Map(spans.map((span) => [span.spanId, span]))
  return cited.map(({ spanId }) => String(all.get(spanId)?.attributes[SKEIN.conversation] ?? 'none'))
}

describe('a planted fault', () => {
  /** What else was found in a faulty run. It may be true: faults come in company. */
  const company = new Map<string, readonly string[]>()
  let found = 0
  afterAll(() => {
    process.stdout.write(`${plantedFaults.length} planted faults: ${found} found\n`)
    for (const [name, others] of company)
      process.stdout.write(`beside the fault in "${name}": ${others.join(', ')}\n`)
  })

  for (const { code, blame, innocent = [], name, run } of plantedFaults) {
    const test = name in MISSED ? it.fails : it
    test(`is found, and who is to blame is named: ${code}, ${name}`, async () => {
      const { spans } = await run()
      const findings = findingsIn(spans)
      const others = findings.filter((finding) => finding.code !== code).map(shown)
      if (others.length > 0) company.set(name, others)
      expect(findings.map((finding) => finding.code)).toContain(code)
      const cited = findings.filter((finding) => finding.code === code).flatMap((one) => citedBy(one, spans))
      expect(
        cited.filter((id) => blame.includes(id)),
        `[${cited.join(', ')}] are cited`,
      ).not.toEqual([])
      expect(cited.filter((id) => innocent.includes(id))).toEqual([])
      found++
      // Whatever is found is cited with spans that are in the trace.
      const ids = new Set(spans.map(({ spanId }) => spanId))
      for (const finding of findings) {
        expect(finding.spans.length, shown(finding)).toBeGreaterThan(0)
        expect(finding.spans.filter(({ spanId }) => !ids.has(spanId))).toEqual([])
      }
    })
  }
})

/** Whether any conversation went on in another process. */
const hasAdoption = (spans: readonly Span[]) =>
  spans.some(({ attributes, resource }) => {
    const before = attributes[SKEIN.processBefore]
    return before !== undefined && before !== `${resource[RESOURCE.hostId]}/${resource[RESOURCE.processPid]}`
  })

describe(`in ${GOOD_RUNS} good runs`, () => {
  let coding: Awaited<ReturnType<typeof prepareCoding>>
  let runs = 0
  const notes = new Map<string, number>()
  /** Worse than a note: how often, by code. */
  const worse = new Map<string, number>()
  const countIn = (counts: Map<string, number>, code: string) => counts.set(code, (counts.get(code) ?? 0) + 1)
  const listed = (counts: Map<string, number>) =>
    [...counts].map(([code, count]) => `${count} ${code}`).join(', ') || 'none'

  beforeAll(async () => {
    coding = await prepareCoding()
  })
  afterAll(async () => {
    await coding.dispose()
    process.stdout.write(`${runs} good runs: found above a note: ${listed(worse)}; notes: ${listed(notes)}\n`)
  })

  /** What is found in it that is worse than a note. */
  function mistakesIn({ spans, due }: GoodRun): readonly Finding[] {
    runs++
    const findings = findingsIn(spans)
    const noted = findings.filter(({ severity }) => severity === 'note').map(({ code }) => code)
    for (const code of noted) countIn(notes, code)
    for (const code of due) expect(noted).toContain(code)
    if (!hasAdoption(spans)) expect(noted).not.toContain('peer-died')
    const mistakes = findings.filter(({ severity }) => severity !== 'note')
    for (const { code } of mistakes) countIn(worse, code)
    return mistakes
  }

  async function expectNothing(kind: GoodKind, seeds: readonly number[]) {
    const unexplained: string[] = []
    const explained = new Map<string, number>()
    const known = MISTAKEN.filter((mistake) => mistake.kind === kind.name)
    for (const seed of seeds) {
      const run = await kind.run(seed, seededRandom(seed).fork('good'))
      expectGood(run, `seed ${seed}`)
      for (const finding of mistakesIn(run)) {
        if (known.some(({ code }) => code === finding.code)) countIn(explained, finding.code)
        else
          unexplained.push(`seed ${seed}: ${shown(finding)} in [${citedBy(finding, run.spans).join(', ')}]`)
      }
    }
    expect(unexplained).toEqual([])
    if (GOOD_RUNS > 200) return
    for (const { code, most } of known) expect(explained.get(code) ?? 0, code).toBeLessThanOrEqual(most)
  }

  it.each(goodKinds.map((kind, index) => ({ ...kind, index })))(
    'which come to their end, it finds nothing above a note: $name',
    { timeout: 600_000 },
    async ({ index, ...kind }) => {
      const seeds = Array.from({ length: GOOD_RUNS }, (_, seed) => seed)
      await expectNothing(
        kind,
        seeds.filter((seed) => seed % goodKinds.length === index),
      )
    },
  )

  it('which come to their end, it finds nothing above a note: coding', { timeout: 600_000 }, async () => {
    const seeds = Array.from({ length: CODING_RUNS }, (_, seed) => seed)
    for (const kind of coding.kinds) await expectNothing(kind, seeds)
  })
})
