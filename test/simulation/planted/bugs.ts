import type { TrialWorld } from './trial.ts'

/** Bugs to plant: each a change of the text of a file, which has to be there exactly once. */
export type PlantedBug = {
  readonly name: string
  /** Invariants by which it shows, as numbered in `docs/simulation.md`: that something else breaks is another bug. */
  readonly breaks: readonly string[]
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[]
  /** The world in which it shows; that of the errands unless given. */
  readonly world?: TrialWorld
  /** Seeds within which the simulator has to find it. */
  readonly within: number
  /** The first of them, 1 unless given: shortly before the one that shows it, where that is a long way. */
  readonly from?: number
}

export const BUGS: readonly PlantedBug[] = [
  {
    name: 'no seen set',
    breaks: ['T1'],
    within: 10,
    edits: [
      {
        file: 'src/turn/seen.ts',
        find: 'return entry !== undefined && (number',
        replace: 'return entry !== undefined && number < 0 && (number',
      },
    ],
  },
  {
    name: 'publish before commit',
    breaks: ['T2'],
    within: 5,
    edits: [
      {
        file: 'src/turn/host.ts',
        find: 'const committed = await commit(turn.record,',
        replace:
          'await publish(turn.record, { mailboxes: bus.mailboxes, codec, isFirst: false })\n      const committed = await commit(turn.record,',
      },
    ],
  },
  {
    name: 'hosting without a takeover commit',
    breaks: ['T3', 'T4'],
    within: 20,
    edits: [
      {
        file: 'src/turn/holdings.ts',
        find: 'record.epoch === epoch && !doubtful',
        replace: 'record.epoch <= epoch && !doubtful',
      },
    ],
  },
  {
    name: 'ack before commit',
    breaks: ['R5'],
    within: 60,
    edits: [
      {
        file: 'src/turn/deliveries.ts',
        find: 'const other = await options.take(conversation, input,',
        replace: 'await delivery.ack()\n        const other = await options.take(conversation, input,',
      },
    ],
  },
  {
    name: 'effects started before commit',
    breaks: ['T3'],
    within: 5,
    edits: [
      {
        file: 'src/turn/host.ts',
        find: 'const committed = await commit(turn.record,',
        replace: 'running.follow(turn.record)\n      const committed = await commit(turn.record,',
      },
    ],
  },
  {
    name: 'a timer forgotten at a takeover',
    breaks: ['R5'],
    within: 60,
    from: 31,
    edits: [
      {
        file: 'src/turn/host.ts',
        find: 'running.follow(record)\n    alarms.follow(record)',
        replace: 'running.follow(record)\n    if (isFirst) alarms.follow(record)',
      },
    ],
  },
  {
    name: 'a stale outcome accepted',
    breaks: ['T3'],
    within: 1_000,
    from: 15,
    edits: [
      {
        file: 'src/turn/turn-input.ts',
        find: 'return record.effects.some((effect) => effect.name === input.effect)',
        replace: 'return record.effects.length > 0',
      },
      {
        file: 'src/turn/turn.ts',
        find: 'draft.effects.find((pending) => pending.name === input.effect)!',
        replace: 'draft.effects[0]!',
      },
    ],
  },
  {
    name: 'an effect started again while its outcome waits to be committed',
    breaks: ['R1', 'T3'],
    within: 200,
    from: 96,
    edits: [{ file: 'src/turn/running.ts', find: "flight.state = 'landed'", replace: 'flights.delete(key)' }],
  },
  {
    name: 'a forwarded message lost in the dedup window',
    breaks: ['R5'],
    within: 10,
    edits: [
      {
        file: 'src/turn/publish.ts',
        find: 'dedup: `${message.id}@${turn}>${mailboxSubject(first)}`,',
        replace: 'dedup: message.id,',
      },
      {
        file: 'src/turn/deliveries.ts',
        find: '{ dedup: `forward>${mailboxSubject(mailbox)}>${random.hex(8)}` }',
        replace: "{ dedup: frame.headers['Skein-Id'] ?? '' }",
      },
    ],
  },
  {
    name: 're-publication that places anew',
    breaks: ['T2'],
    within: 60,
    edits: [
      {
        file: 'src/turn/publish.ts',
        find: 'const first: Mailbox = via ?? mailbox',
        replace:
          "const first: Mailbox = isFirst ? (via ?? mailbox) : { kind: 'role', role: message.to.role }",
      },
    ],
  },
  {
    name: 'a refused commit taken for its own',
    breaks: ['R5', 'T3'],
    within: 60,
    edits: [
      {
        file: 'src/turn/journal.ts',
        find: 'if (last?.record.nonce === record.nonce) {',
        replace: 'if (last !== undefined) {',
      },
    ],
  },
  {
    name: 'stake returned while a timer is pending',
    breaks: ['R2'],
    within: 5,
    edits: [
      {
        file: 'src/turn/stake-moves.ts',
        find: 'if (isActive(draft) ||',
        replace: 'if (isActive({ ...draft, timers: [] }) ||',
      },
    ],
  },
  {
    name: 'stake of a refused message counted twice',
    breaks: ['R1'],
    world: 'crowded',
    within: 10,
    edits: [
      {
        file: 'src/turn/outgoing.ts',
        find: 'draft.stake = formatStake(addStake(parseStake(draft.stake), parseStake(stake)))',
        replace:
          'draft.stake = formatStake(addStake(addStake(parseStake(draft.stake), parseStake(stake)), parseStake(stake)))',
      },
    ],
  },
  {
    name: 'stake taken back after a put without an answer',
    breaks: ['R1', 'R5'],
    within: 60,
    edits: [
      {
        file: 'src/turn/publish.ts',
        find: 'isFirst && error instanceof MailboxFullError',
        replace: 'isFirst && (error instanceof MailboxFullError || error instanceof AmbiguousError)',
      },
      {
        file: 'src/turn/publish.ts',
        find: 'import { MailboxFullError }',
        replace: 'import { AmbiguousError, MailboxFullError }',
      },
    ],
  },
  {
    name: 'an end announced while mail is unread',
    breaks: ['R3'],
    world: 'thanks',
    within: 10,
    edits: [
      {
        file: 'src/run/accounts.ts',
        find: "if (isHome) return { kind: 'announce'",
        replace: "if (output.kind === 'answer') return { kind: 'announce'",
      },
    ],
  },
  {
    name: 'a reservation that is not settled',
    breaks: ['R1'],
    within: 5,
    edits: [
      {
        file: 'src/role/purchase.ts',
        find: 'await quotas.settle(reservation, settlement)',
        replace: '',
      },
    ],
  },
]
