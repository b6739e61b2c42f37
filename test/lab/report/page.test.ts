import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ReportData } from '../../../lab/report/figures.ts'
import { reportPage } from '../../../lab/report/page.ts'
import type { Results } from '../../../lab/results.ts'
import { builtScript } from '../../../traces/page/script.ts'
import { madeUp } from './made-up-results.ts'

const SCRIPT = 'draw("</script><!--")'
const HOSTILE = '</script><img src=x onerror="alert(1)"><!--'

const pageOf = (results: Results) => reportPage(results, SCRIPT)
const dataIn = (html: string): ReportData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!)

/** The same with `HOSTILE` for each name and text in it. */
function hostile({ results }: ReturnType<typeof madeUp>): Results {
  const cells = results.cells.map((cell) => ({
    ...{ ...cell, topology: `${cell.topology}${HOSTILE}`, placement: HOSTILE, id: `${cell.id}${HOSTILE}` },
    ...{ faults: `${cell.faults}${HOSTILE}`, varied: { [HOSTILE]: `${cell.size}${HOSTILE}` } },
    predictions: { makespan: [{ model: HOSTILE, value: 3, residual: 0.5 }] },
    outcomes: { [HOSTILE]: 3 },
  }))
  const metrics = Object.fromEntries(
    Object.keys(results.metrics).map((name) => {
      return [
        name,
        { label: `${name}${HOSTILE}`, unit: HOSTILE, better: 'less' as const, definition: HOSTILE },
      ]
    }),
  )
  const experiment = { [HOSTILE]: HOSTILE }
  return { ...results, name: HOSTILE, description: HOSTILE, notes: [HOSTILE], experiment, cells, metrics }
}

describe('the page of an experiment', () => {
  const { results } = madeUp({ faults: ['none', 'hub'], sizes: [2, 16, 64], seeds: 8 })
  const html = pageOf(results)

  it('asks nothing of a network, and its policy allows its own script and style alone', () => {
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(html)!
    const [, style] = /<style>(.*?)<\/style>/s.exec(html)!
    const [, script] = /<script>(.*)<\/script>/s.exec(html)!
    expect(policy!.split('; ')).toEqual([
      ...["default-src 'none'", `script-src ${hash(script!)}`, `style-src ${hash(style!)}`],
      ...["base-uri 'none'", "form-action 'none'"],
    ])
    expect(html.match(/<(link|img|iframe|object)\b|\bsrc=|\bstyle="|url\(|@import|https?:/gi)).toBeNull()
    expect(html.match(/href="(?!#)/)).toBeNull()
  })

  it('shows what an experiment says as text', () => {
    const page = pageOf(hostile(madeUp({ sizes: [2, 4], faults: ['none', 'hub'], seeds: 3 })))
    const tags = [...page.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)
    expect(tags).toEqual(['<script type="application/json" id="data">', '<script>'])
    expect(page).not.toMatch(/<img|<!--/)
    expect(dataIn(page).figures[0]!.y).toContain(HOSTILE)
  })

  it('carries the licences of what its script is made of', () => {
    const page = reportPage(results, builtScript('#lab-script'))
    const [, licences] = /<script>\/\*(.*?)\*\//s.exec(page)!
    expect(licences).toMatch(/== @observablehq\/plot .* \(ISC\)\s+Copyright/)
    expect(licences).toMatch(/== d3-scale .*Permission to use, copy/s)
  })

  it('leads from its contents to a section for each metric, and to all others', () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const links = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id)
    expect(links.filter((id) => !ids.includes(id))).toEqual([])
    const sections = ids.filter((id) => id!.startsWith('metric-'))
    expect(sections).toHaveLength(Object.keys(results.metrics).length)
  })

  it('has a table for each metric, with a line for each cell and heads that a screen reader tells', () => {
    const [, section] = /<section id="metric-0">(.*?)<\/section>/s.exec(html)!
    const [, head] = /<thead>(.*?)<\/thead>/s.exec(section!)!
    const [, body] = /<tbody>(.*?)<\/tbody>/s.exec(section!)!
    expect(section).toContain('<caption>makespan, with what theory says of it</caption>')
    expect([...head!.matchAll(/<th scope="col"[^>]*>([^<]*)/g)].map(([, text]) => text)).toEqual([
      ...['panel', 'size (peers that work)', 'topology', 'mean (s)', '95\u00a0% interval'],
      ...['less the best there (interval)', 'runs', 'predicted', 'residual'],
    ])
    const rows = body!.match(/<tr>.*?<\/tr>/gs)!
    expect(rows).toHaveLength(results.cells.length)
    expect(rows.every((row) => row.match(/<th scope="row">/g)?.length === 3)).toBe(true)
  })

  it('hands its script a figure for each metric, with theory, and one of residuals', () => {
    const { figures, series, x } = dataIn(html)
    expect(series.map(({ name }) => name)).toEqual(['star', 'mesh', 'solo', 'ring'])
    expect(x).toEqual({ isNumber: true, isLog: true, label: 'size (peers that work)', values: [2, 16, 64] })
    expect(figures.map(({ y }) => y)).toEqual([
      ...['makespan (s)', 'throughput (tasks/s)', 'messages per task (messages)', 'tokens per task (tokens)'],
      ...['hops of a message (hops)', 'utilisation of the busiest peer (ratio)'],
      ...['tasks that came out right (ratio)', 'measured less predicted (% of predicted)'],
    ])
    const [makespan] = figures
    expect(makespan!.panels.map(({ title, marks, theory }) => [title, marks.length, theory.length])).toEqual([
      ['faults: none', 12, 3],
      ['faults: hub', 12, 0],
    ])
    const residual = figures.at(-1)!.panels[0]!.marks[0]!
    const cell = results.cells.find(({ id }) => id === 'star/hub/2/none')!
    expect(residual.y).toBeCloseTo(cell.predictions.makespan![0]!.residual! * 100)
    expect(residual.low).toBeLessThan(residual.y)
  })

  it('is a page even of nothing, and of what could not be measured', () => {
    expect(pageOf({ ...results, cells: [], metrics: {}, notes: [] })).toContain('No run was recorded.')
    const estimates = { makespan: { mean: Number.NaN, low: Number.NaN, high: Number.NaN, count: 0 } }
    const unknown = results.cells.map((cell) => ({ ...cell, estimates, predictions: {} }))
    const { figures } = dataIn(pageOf({ ...results, cells: unknown }))
    expect(figures.flatMap(({ panels }) => panels.flatMap(({ marks }) => marks))).toEqual([])
  })
})
