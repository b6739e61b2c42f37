/** A stage for pure turns: one small protocol, messages of it, and a way to play inputs on a machine. */
import { assert } from 'vitest'
import { type AnyStateMachine, assign, emit, setup } from 'xstate'
import { z } from 'zod'
import type { Stop } from '../../protocols/address.ts'
import { defineProtocol, type MessageDefinition } from '../../protocols/define.ts'
import type { Message } from '../../protocols/envelope.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { conversationId, messageId, partsOf, peerId, roleName, runId } from '../../protocols/ids.ts'
import { behaviourOf } from '../../src/role/behaviour.ts'
import { defineRole } from '../../src/role/define.ts'
import { effects, type FailureEvent, type RoleEmitted } from '../../src/role/setup.ts'
import type { Behaviour, ConversationInput, Incoming } from '../../src/turn/behaviour.ts'
import type { TurnContext } from '../../src/turn/draft.ts'
import type { EffectError, EffectResult } from '../../src/turn/effects.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { originOf } from '../../src/turn/stake-moves.ts'
import { settled, takeTurn } from '../../src/turn/turn.ts'
import type { TurnInput } from '../../src/turn/turn-input.ts'
import { traceIdOf } from '../../traces/propagation.ts'

/** `order` is answered by `done`, `ask` by `told`; nobody answers a `note`. */
export const parcel = defineProtocol(
  'parcel',
  1,
  {
    order: z.object({ what: z.string() }),
    done: z.object({ what: z.string() }),
    ask: z.object({ about: z.string() }),
    told: z.object({ about: z.string() }),
    note: z.object({ text: z.string() }),
  },
  { order: ['done'], ask: ['told'] },
)
export const { order, done, ask, told, note } = parcel.messages
const definitions: readonly MessageDefinition[] = Object.values(parcel.messages)
type Parcel = (typeof parcel.messages)[keyof typeof parcel.messages]

export type Emitted = RoleEmitted<Parcel>

/** XState's `setup` for machines that take and send parcels, and remember what they heard. */
export const parcels = setup({
  types: {} as {
    context: { readonly heard: readonly unknown[] }
    input: ConversationInput
    events: Incoming<Parcel> | FailureEvent
    emitted: Emitted
  },
  actors: effects,
  actions: {
    hear: assign(({ context, event }) => ({ heard: [...context.heard, event] })),
    answer: emit({ type: 'parcel.done', body: { what: 'it' } }),
    /** Answers with the code of an effect's error. */
    sayError: emit(({ event }) => {
      const { code } = (event as unknown as { error: EffectError }).error
      return { type: 'failure', body: { kind: 'error', reason: code, of: null } } as const
    }),
  },
})

/** What a machine begins with. */
export const nothingHeard = { heard: [] as readonly unknown[] }

/** What the machine of a record has heard. */
export const heardBy = ({ snapshot }: ConversationRecord) =>
  (snapshot?.context as { heard: readonly { type: string; body: unknown }[] } | undefined)?.heard ?? []

/** A role with this machine. It takes what the machine names, and may send everything. */
export const worker = (machine: AnyStateMachine): Behaviour =>
  behaviourOf(
    defineRole({
      name: 'worker',
      description: '',
      instructions: '',
      accepts: definitions.filter(({ type }) => machine.events.includes(type)),
      answers: definitions,
      machine: machine as never,
    }),
  )

/** An effect to invoke: a call of a tool that hammers. */
export const hammering = {
  id: 'tool',
  src: 'tool',
  input: { tool: 'hammer', input: {}, tree: null },
} as const

/** A question to emit, to a helper. */
export const askingHelp = {
  type: 'parcel.ask',
  body: { about: 'it' },
  to: { role: 'helper', conversation: 'help' },
} as const

/** Asks a helper about every order, hears what comes of it, and is done. */
export const asker = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'asking' } },
      asking: {
        entry: parcels.emit({
          ...askingHelp,
          timeoutMs: 1_000,
        }),
        on: {
          'parcel.told': { actions: ['hear', 'answer'], target: 'over' },
          failure: { actions: ['hear', 'answer'], target: 'over' },
        },
      },
      over: {},
    },
  }),
)

export const run = runId('r1')
export const job = conversationId(run, 'job')
export const client = {
  role: roleName('client'),
  peer: peerId('client-1'),
  conversation: conversationId(run, 'client'),
}

/** When turns are taken, unless a test says otherwise, and when messages run out. */
export const NOW = 1_000_000
export const DEADLINE = NOW + 60_000

export const context = (more: Partial<TurnContext> = {}): TurnContext => ({
  peer: peerId('worker-1'),
  epoch: 1,
  nonce: 'n',
  host: 'here',
  pid: 1,
  takenAt: NOW,
  now: NOW,
  resource: { 'service.name': 'test' },
  ...more,
})

/** The `number`-th message from the client to the job. */
export function message(
  { type, version }: MessageDefinition,
  body: unknown,
  { number = 1, from = client, ...more }: Partial<Message> & { readonly number?: number } = {},
): Message {
  return {
    id: messageId(from.conversation, job, number),
    type,
    version,
    from,
    to: { role: roleName('worker'), conversation: job },
    run,
    slip: [],
    deadline: DEADLINE,
    hops: 8,
    stake: '1p0',
    sentAt: NOW - 10,
    traceparent: `00-${traceIdOf(run)}-b7ad6b7169203331-01`,
    body,
    ...more,
  }
}

/** The same, to the origin of the run: a conversation that keeps its stake, whatever its machine. */
export function toOrigin(sent: Message): TurnInput {
  const { conversation } = originOf(run)
  const { from, number } = partsOf(sent.id)
  const id = messageId(from, conversation, number)
  return { kind: 'message', message: { ...sent, id, to: { ...sent.to, conversation } } }
}

type More = Parameters<typeof message>[2]
export const takes = (taken: Message, delivery?: number): TurnInput => ({
  kind: 'message',
  message: taken,
  ...(delivery && { delivery }),
})

export const orders = (what: string, more?: More): TurnInput => takes(message(order, { what }, more))
export const asks = (about: string, more?: More): TurnInput => takes(message(ask, { about }, more))
export const notes = (text: string, more?: More): TurnInput => takes(message(note, { text }, more))

/** Somebody's answer to the last message that the record waits for. */
export function answers(
  record: ConversationRecord,
  definition: MessageDefinition,
  body: unknown,
  number = 1,
): TurnInput {
  const [awaited] = record.awaiting
  assert(awaited, 'nothing is awaited')
  const from = { ...awaited.to, peer: peerId('helper-1') }
  return takes(message(definition, body, { from, number, correlation: awaited.id }))
}

/** A failure of something that was not asked here: what a routing slip brings. */
export const fails = (kind: FailureKind, more?: More): TurnInput =>
  takes(message(failure.messages.failure, { kind, reason: 'because', of: null }, more))

const result = {
  span: { name: 'e', kind: 'internal', attributes: {}, resource: {}, startedAt: NOW, endedAt: NOW + 5 },
} as const

/** The first pending effect ended so. */
export function outcome(
  { effects: [effect] }: ConversationRecord,
  how: { readonly output: unknown } | { readonly error: string },
  usage?: EffectResult['usage'],
): TurnInput & { kind: 'outcome' } {
  assert(effect, 'no effect is pending')
  const ended: EffectResult =
    'error' in how
      ? { ...result, ok: false, error: { code: 'test.broke', message: how.error } }
      : { ...result, ok: true, output: how.output }
  return { kind: 'outcome', effect: effect.name, result: { ...ended, ...(usage && { usage }) } }
}

/** The first pending timer is due. */
export function due({ timers: [timer] }: ConversationRecord): TurnInput & { kind: 'timer' } {
  assert(timer, 'no timer is set')
  return { kind: 'timer', timer: timer.name }
}

/** The first awaited answer did not come. */
export function overdue({ awaiting: [awaited] }: ConversationRecord): TurnInput & { kind: 'overdue' } {
  assert(awaited, 'nothing is awaited')
  return { kind: 'overdue', message: awaited.id }
}

/** An input, or how to make it from the record as it is by then. */
type Cue = TurnInput | ((record: ConversationRecord) => TurnInput)

/** Takes one turn that must commit. */
export function turn(
  behaviour: Behaviour,
  record: ConversationRecord | undefined,
  input: TurnInput,
  more?: Partial<TurnContext>,
): ConversationRecord {
  const taken = takeTurn(behaviour, record, input, context(more))
  assert(taken.kind === 'commit', `nothing came of the ${input.kind}: ${JSON.stringify(taken)}`)
  return taken.record
}

/** Plays inputs from the beginning, and gives the last record. */
export const play = (behaviour: Behaviour, first: TurnInput, ...cues: Cue[]): ConversationRecord =>
  cues.reduce<ConversationRecord>(
    (record, cue) => turn(behaviour, record, typeof cue === 'function' ? cue(record) : cue),
    turn(behaviour, undefined, first),
  )

/** What a turn said: types and bodies, in order. */
export const said = ({ outbox }: ConversationRecord) =>
  outbox.map(({ message }) => [message.type, message.body])

/** All that a turn says that has nothing to say, and leaves nothing to do: the stake goes home to the origin. */
export const IDLE = ['run.idle', {}]

/** The record as it is once its outbox is out. */
export const published = (record: ConversationRecord): ConversationRecord =>
  settled(record, context()) ?? record

/** The failures that a turn sent: to which conversation, of what kind, and in answer to which message. */
export const failuresOf = ({ outbox }: ConversationRecord) =>
  outbox.flatMap(({ message: { type, body, to, correlation } }) =>
    type === 'failure'
      ? [{ to: to.conversation as string, kind: (body as { kind: string }).kind, of: correlation as string }]
      : [],
  )

export const stop = (role: string, conversation: string, more: Partial<Stop> = {}): Stop => ({
  role: roleName(role),
  conversation: conversationId(run, conversation),
  ...more,
})
