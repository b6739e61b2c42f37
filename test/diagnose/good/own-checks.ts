/** An agent that checks its own pages until they pass, and delivers them as they were checked. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { checkPages, prepareWiki, readPage, writePage } from '../wiki.ts'
import { worker } from '../worker.ts'
import { between, type GoodKind } from './good-run.ts'

const { improve, improved } = defineProtocol(
  'improvement',
  1,
  { improve: z.object({ page: z.string() }), improved: z.object({ note: z.string() }) },
  { improve: ['improved'] },
).messages

export const ownChecks: GoodKind = {
  name: 'checks of one’s own',
  async run(seed, random) {
    const tries = between(random, 1, 4)
    const write = (text: string) => call('write_page', { page: 'tides.md', text: `# Tides\n\n${text}\n` })
    const work = Array.from({ length: tries }, (_, index) => [
      write(index + 1 < tries ? `TODO ${index}` : 'Twice a day.'),
      call('check_pages', {}),
    ]).flat()
    // Read over, or written once more as it stands: neither changes what was checked.
    const after = [
      ...(random.next() < 0.5 ? [call('read_page', { page: 'tides.md' })] : []),
      ...(random.next() < 0.5 ? [write('Twice a day.')] : []),
    ]
    const writer = worker('improver', {
      ...{ takes: improve, gives: improved, tools: [writePage, readPage, checkPages] },
      policy: steps(...work, ...after, answer(improved, { note: 'checked' })),
    })
    const { spans } = await stage({
      seed,
      goal: 'a better page',
      start: { role: 'improver', message: improve, body: { page: 'tides.md' }, answers: [improved] },
      processes: [process('desk', writer)],
      prepare: prepareWiki,
    })
    return {
      note: `${tries} checks, of which the last one passes; what follows changes nothing`,
      due: [],
      spans,
    }
  },
}
