/** Questions that lead to questions: each agent asks the next one in the middle of its work, and uses the answer. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import type { Role } from '../../../src/role/define.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { worker } from '../worker.ts'
import { between, type GoodKind } from './good-run.ts'

const { ask, tell } = defineProtocol(
  'hearsay',
  1,
  { ask: z.object({ about: z.string() }), tell: z.object({ text: z.string(), by: z.array(z.string()) }) },
  { ask: ['tell'] },
).messages

const remember = defineTool({
  name: 'remember',
  description: 'what one knows oneself',
  input: z.object({ about: z.string() }),
  output: z.object({ text: z.string() }),
  async run({ about }, { clock, signal }) {
    await sleep(clock, 400, signal)
    return { output: { text: `something about ${about}` } }
  },
})

const NAMES = ['aunt', 'baker', 'cousin', 'doctor', 'elder', 'farmer']

/** It remembers, asks the next one where there is one, and passes on what it heard. */
function teller(name: string, next: string | undefined, isCurious: boolean): Role {
  const asks = next === undefined ? {} : { [next]: { message: ask, answers: [tell] } }
  return worker(name, {
    ...{ takes: ask, gives: tell, tools: [remember], asks },
    policy(request) {
      const { about } = (request.transcript[0] as { body: { about: string } }).body
      const heard = request.transcript.flatMap((entry) =>
        entry.kind === 'result' && entry.tool.startsWith('ask_')
          ? [(entry.output as { text: string }).text]
          : [],
      )
      return steps(
        call('remember', { about }),
        ...(isCurious ? [call('remember', { about: `${about}, long ago` })] : []),
        ...(next === undefined ? [] : [call(`ask_${next}`, { about: `${about}, says the ${name}` })]),
        answer(tell, { text: [`the ${name} knows`, ...heard].join(', '), by: [name] }),
      )(request)
    },
  })
}

export const chain: GoodKind = {
  name: 'chain of questions',
  async run(seed, random) {
    const length = between(random, 2, NAMES.length - 1)
    const roles = NAMES.slice(0, length).map((name, index) =>
      teller(name, index + 1 < length ? NAMES[index + 1] : undefined, random.next() < 0.4),
    )
    const half = Math.ceil(length / 2)
    const { spans } = await stage({
      seed,
      goal: 'hear about the flood',
      start: { role: NAMES[0]!, message: ask, body: { about: 'the flood' }, answers: [tell] },
      processes: [
        process('left', ...roles.slice(0, half)),
        ...(length > half ? [process('right', ...roles.slice(half))] : []),
      ],
      pace: { [NAMES[length - 1]!]: { slowestMs: between(random, 1_000, 40_000) } },
    })
    return { note: `${length} agents wait for each other in a line, which has an end`, due: [], spans }
  },
}
