import { emit } from 'xstate'
import { z } from 'zod'
import {
  type BoardContext,
  boardChange,
  boardTools,
  defineBoard,
  defineProtocol,
  defineRole,
  newAgent,
  roleSetup,
} from '../../../src/index.ts'

const stock = defineBoard('stock', z.object({ left: z.number().int().min(0) }))
const till = defineProtocol(
  'till',
  1,
  { buy: z.object({}), bought: z.object({ left: z.number() }), 'sold-out': z.object({}) },
  { buy: ['bought', 'sold-out'] },
)
const { buy, bought, 'sold-out': soldOut } = till.messages

// A machine takes one, however many others do at the same time.
const take = boardChange(stock, {
  key: 'apples',
  change: (entry) => (entry !== null && entry.left > 0 ? { left: entry.left - 1 } : undefined),
})

export const seller = defineRole({
  name: 'seller',
  description: 'Sells apples',
  instructions: '',
  accepts: [buy],
  answers: [bought, soldOut],
  machineTools: boardTools(stock),
  machine: roleSetup<BoardContext<typeof stock>, typeof buy, typeof bought | typeof soldOut>(
    [],
  ).createMachine({
    context: ({ input }) => ({ ...newAgent(input), ...take.none }),
    initial: 'open',
    states: {
      open: { on: { 'till.buy': 'readingEntry' } },
      ...take.states({ written: 'sold', left: 'empty', gaveUp: 'failed' }),
      sold: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'till.bought',
          body: { left: context.held.entry!.value!.left },
        })),
      },
      empty: { type: 'final', entry: emit({ type: 'till.sold-out', body: {} }) },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

// A model decides by itself: it reads, writes with the revision that it read, and sees a conflict as the result.
export const grower = defineRole({
  name: 'grower',
  description: 'Brings apples',
  instructions: 'Add ten to the entry "apples" of the stock, and answer with what is left.',
  accepts: [buy],
  answers: [bought],
  tools: boardTools(stock),
})
