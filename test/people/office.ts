/** An agent with tools that wait for people, on a memory network whose clock stands still, and people beside it. */
import { z } from 'zod'
import { askHuman } from '../../src/people/ask-human.ts'
import { decide } from '../../src/people/decide.ts'
import { openWaits } from '../../src/people/open-waits.ts'
import { personHandler } from '../../src/people/person-effect.ts'
import type { Decision, Wait } from '../../src/people/wait.ts'
import { behaviourOf } from '../../src/role/behaviour.ts'
import { chatHandler } from '../../src/role/chat.ts'
import { defineRole } from '../../src/role/define.ts'
import { toolHandler } from '../../src/role/use-tool.ts'
import { seededRandom } from '../../src/time/random.ts'
import { defineTool, type Tool } from '../../src/tools/tool.ts'
import { quiet } from '../bus/memory/virtual.ts'
import { type Line, saying } from '../role/saying.ts'
import { world } from '../turn/hosting.ts'
import { done, message, NOW, order, run } from '../turn/stage.ts'

const HOUR_MS = 3_600_000

/** What an agent is given to do, with a day for it. */
export const work = message(order, { what: 'milk' }, { deadline: NOW + 24 * HOUR_MS })
export const answering: Line = { answer: { type: 'parcel.done', body: { what: 'milk' } } }

/** @param preview what the tool `sign` says of a call */
export function office({ preview }: { readonly preview?: Tool['preview'] } = {}) {
  /** Calls that tools were run with, in order. */
  const ran: string[] = []
  const here = world()
  const { records } = here.outside

  const blast = defineTool({
    name: 'blast',
    description: 'Blows a thing up. Not twice.',
    input: z.object({ thing: z.string() }),
    output: z.object({ gone: z.string() }),
    idempotent: false,
    approval: true,
    patienceMs: 2 * HOUR_MS,
    async run({ thing }, { said }) {
      ran.push(`blast ${thing}, as ${said?.by} said`)
      return { output: { gone: thing } }
    },
  })
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ euros: z.number() }),
    output: z.object({ paid: z.number() }),
    approval: ({ euros }) => euros > 100 && `${euros} is more than 100`,
    async run({ euros }) {
      ran.push(`pay ${euros}`)
      return { output: { paid: euros } }
    },
  })
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    input: z.object({}),
    output: z.object({}),
    async run() {
      ran.push('look')
      return { output: {} }
    },
  })
  const sign = defineTool({
    name: 'sign',
    description: 'Signs a text.',
    input: z.object({ text: z.string() }),
    output: z.object({}),
    approval: true,
    ...(preview && { preview }),
    async run() {
      ran.push('sign')
      return { output: {} }
    },
  })
  const worker = defineRole({
    name: 'worker',
    description: 'works',
    instructions: 'Work.',
    accepts: [order],
    answers: [done],
    tools: [blast, pay, look, sign, askHuman()],
  })
  const bench = async () => ({
    tree: undefined,
    documents: undefined,
    blobs: here.outside.blobs,
    records,
    clock: here.clock,
    scratch: '',
  })
  const waits = () => openWaits(records, run)

  return {
    ...here,
    ran,
    waits,
    /** A process of the agent, whose model says these lines. */
    async hire(lines: readonly Line[], more: { client?: string; epoch?: number } = {}) {
      const model = saying(...lines)
      const host = await here.host({
        behaviour: behaviourOf(worker),
        handlers: {
          chat: chatHandler({ role: worker, model, blobs: here.outside.blobs }),
          tool: toolHandler({ role: worker, bench }),
          person: personHandler({ role: worker, bench, records, clock: here.clock, random: seededRandom(1) }),
        },
        ...more,
      })
      return { host, model, transcript: () => model.requests.at(-1)!.transcript }
    },
    /** The only wait there is. */
    async wait(): Promise<Wait> {
      const [wait, ...others] = await waits()
      if (wait === undefined || others.length > 0) throw new Error(`${others.length} waits besides one`)
      return wait
    },
    async say(wait: Wait, verdict: Decision['verdict'], text: string | null = null, by = 'jo@desk') {
      const at = here.clock.now()
      const decided = await decide(records, wait, { verdict, by, text, at, nonce: `${by} ${verdict}` })
      await quiet()
      await quiet()
      return decided
    },
  }
}
