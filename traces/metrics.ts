/**
 * Every metric that skein counts, with its unit and its buckets: by the semantic conventions that `names.ts` follows
 * where they have one, below `skein.` otherwise.
 */
import type { Metric } from './meter.ts'

/** Powers of a base: the buckets that the GenAI conventions set. */
const powers = (first: number, base: number, count: number): number[] =>
  Array.from({ length: count }, (_, exponent) => first * base ** exponent)

/** Upper bounds in seconds. */
const BUCKETS = {
  /** As the GenAI conventions have them: 10 ms to 82 s. */
  call: powers(0.01, 2, 14),
  /** As the messaging conventions have them. */
  process: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  /** From a moment to a day. */
  person: [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400],
  /** From a moment to an hour. */
  run: [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600],
} as const

/** Every metric: those of the GenAI and messaging conventions by their names, and skein's own. */
export const METRIC = {
  tokens: {
    kind: 'histogram',
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    description: 'Tokens of a call to a model',
    buckets: powers(1, 4, 14),
  },
  call: {
    kind: 'histogram',
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    description: 'How long a call to a model took',
    buckets: BUCKETS.call,
  },
  rateWait: {
    kind: 'histogram',
    name: 'skein.rate.wait.duration',
    unit: 's',
    description: 'How long a call to a model waited for its rate',
    buckets: BUCKETS.call,
  },
  sent: {
    kind: 'counter',
    name: 'messaging.client.sent.messages',
    unit: '{message}',
    description: 'Messages that committed turns sent',
  },
  consumed: {
    kind: 'counter',
    name: 'messaging.client.consumed.messages',
    unit: '{message}',
    description: 'Deliveries of messages, repeated ones included',
  },
  process: {
    kind: 'histogram',
    name: 'messaging.process.duration',
    unit: 's',
    description: 'From when a message was taken in hand until its turn was committed',
    buckets: BUCKETS.process,
  },
  turns: {
    kind: 'counter',
    name: 'skein.turns',
    unit: '{turn}',
    description: 'Turns committed',
  },
  turn: {
    kind: 'histogram',
    name: 'skein.turn.duration',
    unit: 's',
    description: 'From when the input of a turn was taken in hand until the turn was committed',
    buckets: BUCKETS.process,
  },
  queue: {
    kind: 'histogram',
    name: 'skein.queue.duration',
    unit: 's',
    description: 'From when a message was sent until it was taken in hand, by two clocks',
    buckets: BUCKETS.call,
  },
  tool: {
    kind: 'histogram',
    name: 'skein.tool.duration',
    unit: 's',
    description: 'How long a tool ran',
    buckets: BUCKETS.call,
  },
  person: {
    kind: 'histogram',
    name: 'skein.person.duration',
    unit: 's',
    description: 'How long a call waited for a person',
    buckets: BUCKETS.person,
  },
  conversations: {
    kind: 'counter',
    name: 'skein.conversations.closed',
    unit: '{conversation}',
    description: 'Conversations that came to their end',
  },
  redeliveries: {
    kind: 'counter',
    name: 'skein.redeliveries',
    unit: '{message}',
    description: 'Deliveries of messages that had been delivered before',
  },
  takeovers: {
    kind: 'counter',
    name: 'skein.takeovers',
    unit: '{conversation}',
    description:
      'Conversations that went on here after another process, or another life of this one, had them',
  },
  fenced: {
    kind: 'counter',
    name: 'skein.fenced',
    unit: '{writer}',
    description: 'Hosts of a peer that found a later one at work and stopped',
  },
  deadLetters: {
    kind: 'counter',
    name: 'skein.dead_letters',
    unit: '{message}',
    description: 'Messages given up and kept as dead letters',
  },
  depth: {
    kind: 'gauge',
    name: 'skein.mailbox.depth',
    unit: '{message}',
    description: "Messages in the role's mailbox that nobody has acknowledged",
  },
  effects: {
    kind: 'gauge',
    name: 'skein.effects.active',
    unit: '{effect}',
    description: 'Calls to models and tools under way in this process',
  },
  runs: {
    kind: 'counter',
    name: 'skein.runs',
    unit: '{run}',
    description: 'Runs announced as over',
  },
  run: {
    kind: 'histogram',
    name: 'skein.run.duration',
    unit: 's',
    description: 'From when a run was submitted until it was over',
    buckets: BUCKETS.run,
  },
} as const satisfies Record<string, Metric>
