/**
 * What is under way when a process dies: a clerk takes an order, asks the teller for the price, calls a tool, and
 * answers with a receipt. Each turn of it is of another kind: one that a message, an answer or an outcome begins, one
 * that starts an effect, one that asks, one that answers.
 */
import { emit, setup } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import type { Model } from '../../../src/model/model.ts'
import { type OfflinePolicy, offlineModel } from '../../../src/model/offline.ts'
import { defineRole, type Role } from '../../../src/role/define.ts'
import { askTool, type RoleEmitted, type RoleEvent } from '../../../src/role/setup.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import type { Trap } from './trap.ts'

const paymentSchema = z.enum(['write_invoice', 'charge_card'])
const priceSchema = z.object({ price: z.number() })

export const shop = defineProtocol(
  'shop',
  1,
  {
    order: z.object({ item: z.string(), pay: paymentSchema }),
    receipt: z.object({ item: z.string(), price: z.number(), paid: z.enum(['yes', 'unknown']) }),
    price: z.object({ item: z.string() }),
    quote: priceSchema,
  },
  { order: ['receipt'], price: ['quote'] },
)
const { order, receipt, price, quote } = shop.messages
export type Order = z.infer<typeof order.body>

/** Two tools that note each call. An invoice may be written twice, a card must not be charged twice. */
const paying = (name: Order['pay'], idempotent: boolean, trap: Trap) =>
  defineTool({
    name,
    description: 'takes the money',
    input: priceSchema,
    output: z.object({ paid: z.literal(true) }),
    idempotent,
    run: (_) => trap.around('call tool', async () => ({ output: { paid: true as const } })),
  })

/** Asks, pays, answers; says so where nobody knows whether it was paid. */
const shopkeeping: OfflinePolicy = ({ transcript }) => {
  const { item, pay } = (transcript[0] as { readonly body: Order }).body
  const quoted = transcript.find((entry) => entry.kind === 'result')
  if (quoted === undefined) return { kind: 'call', tool: askTool('teller'), input: { item } }
  const { price } = quoted.output as z.infer<typeof priceSchema>
  const payment = transcript.find((entry) => 'tool' in entry && entry.tool === pay)
  if (payment === undefined) return { kind: 'call', tool: pay, input: { price } }
  const paid = payment.kind === 'result' ? 'yes' : 'unknown'
  return { kind: 'answer', type: receipt.type, body: { item, price, paid } }
}

const clerk = (trap: Trap) =>
  defineRole({
    name: 'clerk',
    description: 'sells',
    instructions: '',
    accepts: [order],
    answers: [receipt],
    asks: { teller: { message: price, answers: [quote] } },
    tools: [paying('write_invoice', true, trap), paying('charge_card', false, trap)],
    policy: shopkeeping,
  })

const teller = defineRole({
  name: 'teller',
  description: 'knows the prices',
  instructions: '',
  accepts: [price],
  answers: [quote],
  machine: setup({
    types: {} as { events: RoleEvent<typeof price>; emitted: RoleEmitted<typeof quote> },
  }).createMachine({
    id: 'teller',
    initial: 'idle',
    states: {
      idle: {
        on: {
          'shop.price': {
            target: 'told',
            actions: emit(({ event }) => ({
              type: 'shop.quote' as const,
              body: { price: event.body.item.length },
            })),
          },
        },
      },
      told: { type: 'final' },
    },
  }),
})

export const shopRoles = (trap: Trap): readonly Role[] => [clerk(trap), teller]

/** A role's own policy as a model, with its calls counted. */
export function countedModel(role: Role, trap: Trap): Model {
  const model = offlineModel({ [role.name]: role.policy })
  return {
    ...model,
    async *stream(request, options) {
      const replies = request.transcript.filter(({ kind }) => kind === 'reply').length
      await trap.around(`call model ${replies + 1}`, async () => {})
      yield* model.stream(request, options)
    },
  }
}
