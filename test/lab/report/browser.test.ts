/**
 * The page in a browser, at two widths in one start: each in a frame of its own with its policy as it is, looked at from
 * outside, in light and dark.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportPage } from '../../../lab/report/page.ts'
import { escapeHtml } from '../../../traces/page/escape.ts'
import { builtScript } from '../../../traces/page/script.ts'
import { type Browser, chromium, startBrowser, WHY_SKIPPED } from '../../chromium.ts'
import { madeUp } from './made-up-results.ts'

const WIDTHS = [1280, 480]

type Look = {
  readonly theme: string
  readonly width: number
  /** Pixels by which the page is wider than its frame. */
  readonly overflow: number
  readonly plots: readonly {
    readonly label: string
    readonly role: string
    readonly x: string
    readonly y: string
    readonly lines: number
    readonly bands: number
    /** Texts that leave the plot, or lie on another. */
    readonly clipped: readonly string[]
    readonly overlapping: readonly string[]
  }[]
  /** The least contrast to the ground, of texts and of lines. */
  readonly contrast: { readonly text: number; readonly line: number }
  /** At the first look: lines in the first plot before and after its first line was put away. */
  readonly hidden: readonly number[]
  /** What is said of the first symbol when a pointer is near. */
  readonly tip: string
}

describe.skipIf(chromium === undefined)(`the report in Chromium (${chromium ?? WHY_SKIPPED})`, () => {
  let folder: string
  let browser: Browser
  let looks: Look[]
  let said: readonly string[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-report-'))
    const { results } = madeUp({ faults: ['none', 'hub'], seeds: 8 })
    const page = escapeHtml(reportPage(results, builtScript('#lab-script')))
    const look = await readFile(new URL('./look.js', import.meta.url), 'utf8')
    const frames = WIDTHS.map(
      (width) => `<iframe width="${width}" height="800" frameborder="0" srcdoc="${page}"></iframe>`,
    )
    const file = join(folder, 'looks.html')
    await writeFile(file, `<!doctype html><body>${frames.join('')}<script>${look}</script></body>`)
    browser = await startBrowser(join(folder, 'profile'))
    const visit = await browser.visit(file)
    said = visit.said
    const [, seen] = /<body>(.*?)<\/body>/s.exec(visit.dom)!
    looks = JSON.parse(decodeURIComponent(seen!))
  }, 90_000)
  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })

  const plots = () => looks.flatMap((one) => one.plots)

  it('breaks no rule of its policy, and says nothing on the console', () => {
    expect(said).toEqual([])
    expect(looks.map(({ theme, width }) => `${theme} ${width}`)).toEqual(
      WIDTHS.flatMap((width) => [`light ${width}`, `dark ${width}`]),
    )
  })

  it('labels both axes of every plot with their units, and says in words what is drawn', () => {
    expect(plots().length).toBe(2 * 2 * (7 * 2 + 5))
    for (const plot of plots()) {
      expect(plot.x).toBe('size (peers that work)')
      expect(plot.y).toMatch(/.+ ?\((s|tasks\/s|messages|tokens|hops|ratio|% of predicted)\)(, log scale)?$/)
      expect(plot.role).toBe('img')
      expect(plot.label).toMatch(/^Plot of .* over size .*star: |ring: /)
    }
  })

  it('draws a line and a band for each topology, and dashes for theory', () => {
    const makespan = plots().find(({ label }) => label.startsWith('Plot of makespan'))
    expect(makespan).toMatchObject({ bands: 4, lines: 5 })
  })

  it('is as wide as its window at most, and no text in a plot is cut off or lies on another', () => {
    expect(looks.map(({ overflow }) => overflow)).toEqual(looks.map(() => 0))
    expect(plots().flatMap(({ clipped }) => clipped)).toEqual([])
    expect(plots().flatMap(({ overlapping }) => overlapping)).toEqual([])
  })

  it('is legible in light and dark: 4.5 to 1 for text, 3 to 1 for lines (WCAG 2.2, 1.4.3 and 1.4.11)', () => {
    for (const { contrast } of looks) {
      expect(contrast.text).toBeGreaterThanOrEqual(4.5)
      expect(contrast.line).toBeGreaterThanOrEqual(3)
    }
  })

  it('says the numbers of a symbol when a pointer is near', () => {
    for (const { tip } of looks)
      expect(tip).toMatch(/(star|mesh|ring), size 2.*tasks\/s, 95.% interval [\d.]+ to [\d.]+/)
  })

  it('puts a line away when its name in the legend is pressed', () => {
    const [before, after] = looks[0]!.hidden
    expect(after).toBe(before! - 3)
  })
})
