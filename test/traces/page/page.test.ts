import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { page } from '../../../traces/page/page.ts'
import type { PageData } from '../../../traces/page/page-data.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import { sampleRun } from '../sample-run.ts'
import { HOSTILE, hostileRun } from './hostile-run.ts'

const pageOf = (spans = sampleRun(), options = {}) => page(traceTree(spans), options)

const dataIn = (html: string): PageData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!)

describe('the page of a run', () => {
  it('is the same for the same run, whatever the order of its spans', () => {
    expect(pageOf([...sampleRun()].reverse())).toBe(pageOf())
  })

  it('asks nothing of a network, and its policy allows its own script and style alone', () => {
    const html = pageOf()
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(html)!
    const [, style] = /<style>(.*?)<\/style>/s.exec(html)!
    const [, script] = /<script>(.*)<\/script>/s.exec(html)!
    expect(policy!.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(script!)}`,
      `style-src ${hash(style!)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ])
    expect(html.match(/<(link|img|iframe|object)\b|\bsrc=|\bstyle="|url\(|@import/gi)).toBeNull()
  })

  it('says in its head what was wanted, how it ended and what it took', () => {
    const html = pageOf(undefined, { goal: 'Mend the login' })
    expect(html).toContain('<title>Mend the login · skein</title>')
    const facts = [...html.matchAll(/<dt>([^<]*)<\/dt><dd>(?:<button[^>]*>)?([^<]*)/g)]
    expect(Object.fromEntries(facts.map(([, name, value]) => [name, value]))).toEqual({
      ...{ duration: '18.5 s', peers: '4', conversations: '4', messages: '5', spans: '31', tokens: '25,969' },
      ...{ 'model calls': '4', 'tool calls': '3', 'failed spans': '1' },
    })
    expect(html).toContain('<span class="outcome good">completed</span>')
  })

  it('says that tokens are unknown where no call counted them, and that a run is under way', () => {
    const html = pageOf(sampleRun().filter(({ name }) => !/^(chat|run) /.test(name)))
    expect(html).toMatch(/<dt>tokens<\/dt><dd>unknown/)
    expect(html).toContain('<span class="outcome open">under way</span>')
  })

  it('is a page even of nothing', () => {
    expect(dataIn(pageOf([])).spans.count).toBe(0)
  })

  it('shows what agents wrote as text', () => {
    const html = pageOf(hostileRun(), { goal: HOSTILE.script })
    const scripts = [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)
    expect(scripts).toEqual(['<script type="application/json" id="data">', '<script>'])
    expect(html).not.toMatch(/<img|<!--/)
    expect(html).not.toMatch(/[\u2028\u2029]/)
    expect(html).toContain('&lt;img src=x onerror=&quot;')
    const { texts } = dataIn(html)
    expect(texts).toEqual(expect.arrayContaining([`chat ${HOSTILE.script}`, HOSTILE.image]))
  })
})
