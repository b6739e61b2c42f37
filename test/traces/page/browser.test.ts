/** The page in a browser: what its script makes of the data, view by view. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SKEIN } from '../../../traces/names.ts'
import { page } from '../../../traces/page/page.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import { type Browser, chromium, startBrowser, WHY_SKIPPED } from '../../chromium.ts'
import { sampleId, sampleRun } from '../sample-run.ts'
import { HOSTILE, hostileRun } from './hostile-run.ts'

let folder: string
let browser: Browser

/** `then` is a script that runs when the page has started. Its policy would forbid that, and is left out. */
async function opened(hash: string, spans = sampleRun(), then = ''): Promise<string> {
  const file = join(folder, 'run.html')
  const made = page(traceTree(spans), { goal: 'Mend the login' })
  const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/
  const driven = () => made.replace(policy, '').replace(/<\/body>\s*<\/html>\s*$/, `<script>${then}</script>`)
  await writeFile(file, then === '' ? made : driven())
  const { dom } = await browser.visit(file, hash)
  return dom.slice(dom.indexOf('<main'), dom.indexOf('</main>'))
}

/** What somebody reads: text without tags. */
const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&gt;/g, '>')
    .replace(/&lt;/g, '<')
    .replace(/\s+/g, ' ')

/** More below one span than is shown of it. */
const foldedRun = () => {
  const [root] = sampleRun()
  const below = Array.from({ length: 60 }, (_, index) => {
    return { ...root!, spanId: sampleId(`look ${index}`), parentSpanId: root!.spanId, name: `look ${index}` }
  })
  return [root!, ...below]
}

const pressing = (...keys: readonly string[]) => `
  for (const key of ${JSON.stringify(keys)})
    (document.activeElement ?? document.body)
      .dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
`

const finding = (words: string) => `
  document.querySelector('#find').value = '${words}'
  document.querySelector('#find').dispatchEvent(new Event('input'))
`

/** The label of each row of the waterfall, and of that which is chosen. */
function rowsIn(main: string) {
  const rows = [...main.matchAll(/<div class="(row [^"]*)"[^>]*title="([^"·]*)/g)]
  const chosen = rows.find(([, classes]) => classes!.includes('chosen'))?.[2]?.trim()
  return { names: rows.map(([, , name]) => name!.trim()), chosen }
}

const panelOf = (main: string) => textOf(main.slice(main.indexOf('<aside')))

describe.skipIf(chromium === undefined)(`the page in Chromium (${chromium ?? WHY_SKIPPED})`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skein-page-'))
    browser = await startBrowser(join(folder, 'profile'))
  })
  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('draws the waterfall first, with states and what failed', async () => {
    const main = await opened('')
    expect(main).toMatch(/<section id="view-waterfall"[^>]*aria-labelledby="tab-waterfall">/)
    const text = textOf(main)
    expect(text).toContain('invoke_workflow mesh')
    expect(text).toContain('turn task.plan new → thinking')
    expect(text).toMatch(/failed execute_tool run_tests 2 of 14 tests failed/)
  })

  it('shows all of a span that its address names, and ways to others', async () => {
    const panel = panelOf(await opened(`tab=waterfall&span=${sampleId('code.2')}`))
    expect(panel).toContain(
      'coder-1 took task.result from researcher-1 in code and went from waiting to thinking.',
    )
    expect(panel).toContain('took the message of send peer.coder')
    expect(panel).toContain('caused by invoke_agent coder')
    expect(panel).toContain('skein.state.from waiting')
  })

  it('shows a span, and the view beside it, though its deadline is no date', async () => {
    const spans = sampleRun().map((span) => ({
      ...span,
      attributes: { ...span.attributes, [SKEIN.deadline]: 1e300 },
    }))
    const main = await opened(`span=${sampleId('code.chat')}`, spans)
    expect(panelOf(main)).toContain('skein.deadline 1e+300')
    expect(rowsIn(main).names).toContain('invoke_workflow mesh')
  })

  it.each(['constructor', 'toString', 'valueOf', '__proto__'])(
    'looks for %s as for any word',
    async (word) => {
      const text = textOf(await opened(`find=${word}`))
      expect(text).toContain('No span holds all of these words.')
    },
  )

  describe('keys of the waterfall', () => {
    const pressed = async (hash: string, ...keys: string[]) =>
      rowsIn(await opened(hash, sampleRun(), pressing(...keys)))

    it('go from a span with none below to the one above it', async () => {
      const { names, chosen } = await pressed(`span=${sampleId('code.chat')}`, 'ArrowLeft')
      expect(chosen).toBe('turn task.result')
      expect(names).toContain('execute_tool run_tests')
    })

    it('close what has spans below, and open it', async () => {
      const at = `span=${sampleId('code')}`
      expect((await pressed(at, 'ArrowLeft')).names).not.toContain('execute_tool run_tests')
      const { names, chosen } = await pressed(at, 'ArrowLeft', 'ArrowRight', 'ArrowRight')
      expect(chosen).toBe('turn task.assign')
      expect(names).toContain('execute_tool run_tests')
    })

    it('go on from the chosen span when other rows are shown', async () => {
      const script = finding('run_tests') + pressing('ArrowUp')
      const { chosen } = rowsIn(await opened(`span=${sampleId('code.3')}`, sampleRun(), script))
      expect(chosen).toBe('invoke_agent coder')
    })

    it('open nothing where nothing is chosen', async () => {
      const main = await opened('', foldedRun(), pressing('ArrowRight'))
      expect(textOf(main)).toMatch(/⋮ \d+ more/)
    })

    it('open a fold that they are at, and are then at the first that lay in it', async () => {
      const main = await opened('', foldedRun(), pressing(...Array(10).fill('ArrowDown'), 'ArrowRight'))
      expect(textOf(main)).not.toMatch(/⋮ \d+ more/)
      expect(rowsIn(main).chosen).toBe('look 8')
    })

    it('close nothing behind what was found, and go up instead', async () => {
      const found = `find=run_tests&span=${sampleId('code')}`
      const twice = `document.querySelector('.row.chosen').dispatchEvent(new MouseEvent('dblclick'));`
      const { names, chosen } = rowsIn(
        await opened(found, sampleRun(), twice + pressing('ArrowLeft') + finding('')),
      )
      expect(names).toEqual(
        expect.arrayContaining(['execute_tool search_documents', 'execute_tool run_tests']),
      )
      expect(chosen).toBe('send role.coder')
    })
  })

  it('draws an arrow a message', async () => {
    const main = await opened('tab=sequence')
    expect(main.match(/<div class="step (message|answer|failure)"/g)).toHaveLength(5)
    expect(textOf(main)).toContain('task.plan plan')
  })

  it('draws who talked with whom, and about what', async () => {
    const main = await opened('tab=topology')
    expect(main.match(/class="node"/g)).toHaveLength(4)
    expect(textOf(main)).toContain('planner-1 → coder-1 1 1 task.assign')
  })

  it('leaves the focus on the peer that was activated', async () => {
    const focus = `const node = document.querySelectorAll('.node')[1]; node.focus();${pressing('Enter')}
      document.querySelector('main').dataset.focus = document.activeElement.getAttribute('aria-label')`
    const [, focused] = /data-focus="([^"]*)"/.exec(
      await opened('tab=topology', sampleRun(), focus).then((main) => main.slice(0, 200)),
    )!
    expect(focused).toBe('planner-1')
  })

  it('draws the states of each conversation, and what it asked for', async () => {
    const main = await opened('tab=states')
    expect(main.match(/aria-label="States of /g)).toHaveLength(4)
    expect(main).toMatch(/<title>thinking for 4\.53 s, from 6\.71 s<\/title>/)
    expect(main).toMatch(/class="failed"[^>]*><title>execute_tool run_tests: 1\.85 s/)
  })

  it('finds spans, and shows them with all above them', async () => {
    const text = textOf(await opened('find=search_documents'))
    expect(text).toContain('execute_tool search_documents')
    expect(text).toContain('invoke_workflow mesh')
    expect(text).not.toContain('run_tests')
  })

  it('shows what agents wrote as text, and runs none of it', async () => {
    for (const tab of ['waterfall', 'sequence', 'topology', 'states']) {
      const main = await opened(`tab=${tab}&span=${sampleId('code.chat')}`, hostileRun())
      expect(main).not.toMatch(/<img|<script|<iframe/)
      expect(panelOf(main)).toContain(`chat ${HOSTILE.script}`)
      expect(panelOf(main)).toContain(HOSTILE.image)
    }
  }, 120_000)
})
