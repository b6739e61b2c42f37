/** The errands, with a tool that somebody has to approve each time, and somebody who decides by chance. */

import type { ProcessPorts } from '../../src/peer/process.ts'
import { decide } from '../../src/people/decide.ts'
import { openWaits } from '../../src/people/open-waits.ts'
import type { Decision } from '../../src/people/wait.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import type { Hosted } from '../../src/simulation/process.ts'
import { sleep } from '../../src/time/clock.ts'
import { crowdedFlock, runner } from './errands.ts'

/** Milliseconds between two looks. */
const LOOK_MS = { least: 500, most: 8_000 }
/** Shares of the looks at a wait: the others leave it for later. */
const SHARES = { approve: 0.5, deny: 0.1 }

export type Approvals = SimulatedFlock & {
  /** Calls that were run, and those of them that were run without a word or more than once. */
  readonly seen: { readonly ran: ReadonlySet<string>; readonly wrong: readonly string[] }
}

/** A flock for one world: it remembers what was run. */
export function approvalsFlock(): Approvals {
  const ran = new Set<string>()
  const wrong: string[] = []
  const flock = crowdedFlock()
  const [fetchIt] = runner.tools
  const asked = {
    ...fetchIt!,
    idempotent: false,
    approval: true as const,
    patienceMs: 60_000,
    run: ((input, context) => {
      const call = `${context.conversation} ${context.call}`
      if (context.said?.verdict !== 'approve') wrong.push(`${call} without approval`)
      if (ran.has(call)) wrong.push(`${call} twice`)
      ran.add(call)
      return fetchIt!.run(input, context)
    }) satisfies (typeof fetchIt & object)['run'],
  }
  return {
    ...flock,
    crew: flock.crew.map((one) =>
      one.role === runner ? { ...one, role: { ...runner, tools: [asked], policy: unperturbed } } : one,
    ),
    people,
    seen: { ran, wrong },
  }
}

/** A call that was refused is made again, a few times. */
const unperturbed: NonNullable<typeof runner.policy> = (request) => {
  const failures = request.transcript.filter(({ kind }) => kind === 'error').length
  return failures > 5 ? { kind: 'give-up', reason: 'refused too often' } : runner.policy!(request)
}

async function people({ bus, clock, random }: ProcessPorts): Promise<Hosted> {
  const leaving = new AbortController()
  const between = (least: number, most: number) => least + Math.floor((most - least) * random.next())

  async function look(): Promise<void> {
    for (const wait of await openWaits(bus.records)) {
      const chance = random.next()
      const verdict: Decision['verdict'] | undefined =
        chance < SHARES.approve ? 'approve' : chance < SHARES.approve + SHARES.deny ? 'deny' : undefined
      if (verdict === undefined) continue
      const said = { by: 'somebody', text: null, at: clock.now(), nonce: random.hex(8) }
      await decide(bus.records, wait, { verdict, ...said })
    }
  }

  const looking = (async () => {
    while (!leaving.signal.aborted) {
      await sleep(clock, between(LOOK_MS.least, LOOK_MS.most), leaving.signal)
      await look().catch(() => {}) // the bus is away, or somebody was faster: they look again
    }
  })()
  return {
    async drain() {
      leaving.abort()
      await looking
    },
  }
}
