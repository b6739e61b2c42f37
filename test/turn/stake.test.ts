import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { enqueueActions } from 'xstate'
import type { Message } from '../../protocols/envelope.ts'
import type { ConversationId } from '../../protocols/ids.ts'
import { addStake, formatStake, isNoStake, isWholeStake, NO_STAKE, parseStake } from '../../src/run/stake.ts'
import type { Behaviour } from '../../src/turn/behaviour.ts'
import { credited, ended } from '../../src/turn/closing.ts'
import { type ConversationRecord, isActive } from '../../src/turn/record.ts'
import { settled, takeTurn } from '../../src/turn/turn.ts'
import type { TurnInput } from '../../src/turn/turn-input.ts'
import { codec, peer, world } from './hosting.ts'
import {
  answers,
  client,
  context,
  due,
  type Emitted,
  heardBy,
  IDLE,
  message,
  note,
  notes,
  nothingHeard,
  order,
  orders,
  outcome,
  overdue,
  parcels,
  play,
  published,
  said,
  stop,
  told,
  toOrigin,
  turn,
  worker,
} from './stage.ts'

const helper = { role: 'helper', conversation: 'help' }
const telling = parcels.emit({ type: 'parcel.note', body: { text: 'psst' }, to: helper } as Emitted)
const asking = parcels.emit({
  type: 'parcel.ask',
  body: { about: 'it' },
  to: { role: 'helper', conversation: 'answers' },
  timeoutMs: 1_000,
} as Emitted)

/** Answers orders; of notes it does what they say, and hears the others. */
const agent = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: {
        on: {
          'parcel.note': [
            { guard: ({ event }) => event.body.text === 'work', target: 'working' },
            { guard: ({ event }) => event.body.text === 'wait', target: 'waiting' },
            { guard: ({ event }) => event.body.text === 'ask', target: 'asking' },
            { guard: ({ event }) => event.body.text === 'tell', actions: telling },
            {
              guard: ({ event }) => event.body.text === 'tell and work',
              target: 'working',
              actions: telling,
            },
            {
              guard: ({ event }) => event.body.text === 'tell and wait',
              target: 'waiting',
              actions: telling,
            },
            { guard: ({ event }) => event.body.text === 'tell twice', actions: [telling, telling] },
            { guard: ({ event }) => event.body.text === 'end', target: 'over' },
            { actions: 'hear' },
          ],
          'parcel.order': { actions: 'answer' },
        },
      },
      working: { invoke: { id: 'tool', src: 'tool', input: {} as never, onDone: 'idle' } },
      waiting: { after: { 100: 'idle' } },
      asking: { entry: asking, on: { 'parcel.told': { target: 'idle', actions: 'hear' } } },
      over: { type: 'final' },
    },
    on: { failure: { target: '.idle', actions: 'hear' } },
  }),
)

const sum = (stakes: readonly string[]) => formatStake(stakes.map(parseStake).reduce(addStake, NO_STAKE))
const sent = ({ outbox }: ConversationRecord) => outbox.map(({ message: { stake } }) => stake)
/** What a record holds, and what it sends. */
const all = (record: ConversationRecord) => sum([record.stake, ...sent(record)])

const unsent = ({ outbox }: ConversationRecord): TurnInput => ({
  kind: 'unsent',
  messages: outbox.map(({ message: { id } }) => id),
  reason: 'mailbox "role.helper" is full',
})

function givenUp(unreadable: Message): TurnInput {
  const { body: _, ...envelope } = unreadable
  return { kind: 'given-up', envelope, failure: 'invalid', reason: 'what: missing' }
}

describe('a turn', () => {
  type Step = { readonly what: string; readonly stake: string }

  /** What happens in a step, and the stake that it brings; undefined where nothing of the kind is pending. */
  function inputOf(
    record: ConversationRecord | undefined,
    { what, stake }: Step,
    number: number,
  ): { readonly input: TurnInput; readonly brings: string } | undefined {
    const brought = (input: TurnInput) => ({ input, brings: stake })
    const own = (input: TurnInput) => ({ input, brings: '0p0' })
    switch (what) {
      case 'order':
        return brought(orders('milk', { number, stake }))
      case 'given up':
        return brought(givenUp(message(order, {}, { number, stake })))
      case 'answered': {
        if (!record?.awaiting.length) return undefined
        const input = answers(record, told, { about: 'it' }, number)
        return brought({
          ...input,
          message: { ...(input as { message: Message }).message, stake },
        } as TurnInput)
      }
      case 'outcome':
        return record?.effects.length ? own(outcome(record, { output: null })) : undefined
      case 'due':
        return record?.timers.length ? own(due(record)) : undefined
      case 'overdue':
        return record?.awaiting.length ? own(overdue(record)) : undefined
      case 'unsent': {
        if (!record?.outbox.length) return undefined
        return { input: unsent(record), brings: sum(sent(record)) }
      }
      default:
        return brought(notes(what, { number, stake }))
    }
  }

  const does = ['hello', 'work', 'wait', 'ask', 'tell', 'tell and work', 'tell and wait', 'tell twice', 'end']
  const happens = ['order', 'given up', 'answered', 'outcome', 'due', 'overdue', 'unsent']
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom(...does, ...happens),
      stake: fc.constantFrom('1p0', '5p3', '3p4', '1p200'),
    }),
    { minLength: 1, maxLength: 25 },
  )

  /** Plays them all, and tells each turn. */
  function playing(
    some: readonly Step[],
    tell: (after: ConversationRecord, before: string, brings: string) => void,
  ): void {
    let record: ConversationRecord | undefined
    for (const [index, step] of some.entries()) {
      const next = inputOf(record, step, index + 1)
      if (next === undefined) continue
      const before = record?.stake ?? '0p0'
      record = turn(agent, record, next.input)
      tell(record, before, next.brings)
    }
  }

  it('holds and sends what it held before and was brought, whatever happens (R1)', () => {
    fc.assert(
      fc.property(steps, (some) =>
        playing(some, (after, before, brings) => expect(all(after)).toBe(sum([before, brings]))),
      ),
    )
  })

  it('leaves nothing to an idle conversation, and something to an active one and to each message (R2)', () => {
    fc.assert(
      fc.property(steps, (some) =>
        playing(some, (after) => {
          expect(isNoStake(parseStake(after.stake))).toBe(!isActive(after))
          for (const stake of sent(after)) expect(isNoStake(parseStake(stake))).toBe(false)
        }),
      ),
    )
  })

  it('says that it is idle in no more than one message, and only where it says nothing else', () => {
    fc.assert(
      fc.property(steps, (some) =>
        playing(some, (after) => {
          const types = after.outbox.map(({ message: { type } }) => type)
          if (types.includes('run.idle')) expect(types).toEqual(['run.idle'])
        }),
      ),
    )
  })
})

describe('a conversation that becomes idle', () => {
  it('gives all of its stake to the message that it sends', () => {
    const record = play(agent, orders('milk', { stake: '5p3' }))
    expect(said(record)).toEqual([['parcel.done', { what: 'it' }]])
    expect(sent(record)).toEqual(['5p3'])
    expect(record.stake).toBe('0p0')
  })

  it('gives what is left to the last one, where it sends several', () => {
    const record = play(agent, notes('tell twice', { stake: '1p0' }))
    expect(sent(record)).toEqual(['1p1', '1p1'])
    expect(record.stake).toBe('0p0')
  })

  it('changes nothing else in that message', () => {
    const [active, idle] = ['tell and work', 'tell'].map((text) => play(agent, notes(text)).outbox)
    expect(idle).toEqual([{ ...active![0]!, message: { ...active![0]!.message, stake: '1p0' } }])
  })

  it('says so to the origin of its run, with all of its stake, where it has nothing else to say', () => {
    const record = play(agent, notes('hello', { stake: '5p3' }))
    expect(said(record)).toEqual([IDLE])
    expect(record.outbox).toMatchObject([
      {
        mailbox: { kind: 'peer', peer: 'origin-r1' },
        message: {
          id: 'r1/job>r1/origin#1',
          from: { role: 'worker', peer: 'worker-1', conversation: 'r1/job' },
          to: { role: 'origin', conversation: 'r1/origin' },
          stake: '5p3',
          slip: [],
        },
      },
    ])
    expect(record.stake).toBe('0p0')
    expect(record.awaiting).toEqual([])
  })

  it('says so every time, in messages of their own', () => {
    const once = play(agent, notes('hello'))
    const again = turn(agent, once, notes('hello', { number: 2, stake: '1p7' }))
    expect(again.outbox.map(({ message: { id, stake } }) => [id, stake])).toEqual([
      ['r1/job>r1/origin#2', '1p7'],
    ])
  })

  it('says so where no hops are left, too', () => {
    const record = play(agent, notes('hello', { hops: 0 }))
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p0'])
    expect(record.took.limit).toBeUndefined()
  })

  it('says so where a limit kept it from sending', () => {
    const record = play(agent, notes('ask', { hops: 0 }))
    expect(heardBy(record)).toMatchObject([{ type: 'failure', body: { kind: 'exhausted' } }])
    expect(said(record)).toEqual([IDLE])
    expect(record.took.limit).toBe('hops')
  })

  it('says so though it keeps a message for later, or owes an answer', () => {
    const owing = worker(
      parcels.createMachine({ context: nothingHeard, on: { 'parcel.order': { actions: 'hear' } } }),
    )
    const record = play(owing, orders('milk'))
    expect(record.requests).toHaveLength(1)
    expect(said(record)).toEqual([IDLE])
  })

  it('says so when it ends', () => {
    const record = play(
      agent,
      notes('work', { stake: '3p4' }),
      notes('end', { number: 2, stake: '1p4' }),
      (at) => outcome(at, { output: null }),
    )
    expect(record).toMatchObject({ phase: 'closed', stake: '0p0' })
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p2'])
  })

  it('gives its stake to the failure that it tells, where its machine breaks', () => {
    const broken = worker(
      parcels.createMachine({
        context: nothingHeard,
        on: {
          'parcel.order': {
            actions: enqueueActions(() => {
              throw new Error('no')
            }),
          },
        },
      }),
    )
    const record = play(broken, orders('milk', { stake: '5p3' }))
    expect(record).toMatchObject({ phase: 'closed', stake: '0p0' })
    expect(record.outbox).toMatchObject([{ message: { type: 'failure', stake: '5p3' } }])
  })

  it('has its message put into the mailbox of the origin', async () => {
    const here = world()
    await here.host({ behaviour: agent })
    await here.send(message(note, { text: 'hello' }, { stake: '5p3' }))
    const [frame, ...more] = await here.mail(peer('origin-r1'))
    expect(more).toEqual([])
    expect(codec.decode(frame!)).toMatchObject({ type: 'run.idle', body: {}, stake: '5p3' })
    expect((await here.journal('r1/job' as ConversationId)).at(-1)).toMatchObject({
      owner: null,
      outbox: [],
      stake: '0p0',
      took: { event: 'settled' },
    })
  })
})

describe('a conversation that goes on', () => {
  it.each([
    ['waits for an answer', 'ask'],
    ['has a timer', 'tell and wait'],
    ['has an effect in flight', 'tell and work'],
  ])('because it %s keeps half, and its message has the other', (_, text) => {
    const record = play(agent, notes(text, { stake: '1p0' }))
    expect(record.stake).toBe('1p1')
    expect(sent(record)).toEqual(['1p1'])
  })

  it.each(['wait', 'work'])('and has nothing to say keeps all and says nothing, to %s', (text) => {
    const record = play(agent, notes(text, { stake: '1p0' }))
    expect(record).toMatchObject({ stake: '1p0', outbox: [] })
  })

  it.each<[string, string, (record: ConversationRecord) => TurnInput]>([
    ['its answer comes', 'ask', (record) => answers(record, told, { about: 'it' })],
    ['no answer comes in time', 'ask', overdue],
    ['its timer is due', 'tell and wait', due],
    ['its effect ends', 'tell and work', (record) => outcome(record, { output: null })],
  ])('parts with its half when %s', (_, text, ending) => {
    const active = play(agent, notes(text, { stake: '1p0' }))
    const input = ending(active)
    const brought = input.kind === 'message' ? [input.message.stake] : []
    const record = turn(agent, active, input)
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual([sum(['1p1', ...brought])])
    expect(record.stake).toBe('0p0')
  })
})

describe('the stake of a message', () => {
  it('that is given up goes to whoever is told', () => {
    const record = play(agent, givenUp(message(order, {}, { stake: '5p3' })))
    expect(record).toMatchObject({ stake: '0p0', snapshot: null })
    expect(record.outbox).toMatchObject([
      { message: { type: 'failure', to: { conversation: client.conversation }, stake: '5p3' } },
    ])
  })

  it('that the role does not take goes to whoever is told', () => {
    const deaf = worker(
      parcels.createMachine({ context: nothingHeard, on: { 'parcel.note': { actions: 'hear' } } }),
    )
    const record = play(deaf, orders('milk', { stake: '5p3' }))
    expect(record.stake).toBe('0p0')
    expect(record.outbox).toMatchObject([
      { message: { type: 'failure', body: { kind: 'refused' }, stake: '5p3' } },
    ])
  })

  it('that a conversation refuses while it works stays with it in half', () => {
    const working = play(agent, notes('work', { stake: '1p1' }))
    const record = turn(agent, working, givenUp(message(order, {}, { number: 2, stake: '1p1' })))
    expect(record.stake).toBe('1p1')
    expect(sent(record)).toEqual(['1p1'])
  })

  it('moves once, however often the message is delivered', () => {
    const record = play(agent, notes('work', { stake: '1p1' }))
    expect(takeTurn(agent, record, notes('work', { stake: '1p1' }), context())).toEqual({
      kind: 'nothing',
      why: 'seen',
    })
  })
})

describe('what full mailboxes refused', () => {
  it('gives its stake back, and it goes with the message that says so', () => {
    const telling = play(agent, notes('tell', { stake: '5p3' }))
    expect(telling.stake).toBe('0p0')
    const record = turn(agent, telling, unsent(telling))
    expect(record).toMatchObject({ stake: '0p0', took: { unsent: ['r1/job>r1/help#1'] } })
    expect(record.outbox).toMatchObject([
      { message: { id: 'r1/job>r1/help#1', type: 'failure', stake: '5p3' } },
    ])
  })

  it('gives its stake back, and it goes home where the machine has nothing to say to that', () => {
    const waiting = play(agent, notes('ask', { stake: '5p3' }))
    const record = turn(agent, waiting, unsent(waiting))
    expect(heardBy(record)).toMatchObject([{ type: 'failure', body: { kind: 'refused' } }])
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['5p3'])
  })

  it('gives its stake back to a conversation that goes on', () => {
    const working = play(agent, notes('tell and work', { stake: '1p0' }))
    const record = turn(agent, working, unsent(working))
    expect(all(record)).toBe('1p0')
    expect(record).toMatchObject({ stake: '1p1', effects: [{ invoke: 'tool' }] })
  })

  it('leaves with the others what they took along', () => {
    const telling = play(agent, notes('tell twice', { stake: '1p0' }))
    const [, last] = telling.outbox
    const record = turn(agent, telling, {
      ...(unsent(telling) as TurnInput & { kind: 'unsent' }),
      messages: [last!.message.id],
    })
    expect(record.took.unsent).toEqual([last!.message.id])
    expect(all(record)).toBe('1p1')
  })
})

describe('the origin of a run', () => {
  it('keeps all that comes home', () => {
    const first = play(agent, toOrigin(message(note, { text: 'hello' }, { stake: '1p1' })))
    expect(first).toMatchObject({ stake: '1p1', outbox: [], owner: null })
    const second = turn(agent, first, toOrigin(message(note, { text: 'hello' }, { number: 2, stake: '1p1' })))
    expect(second).toMatchObject({ stake: '1p0', outbox: [], owner: null })
  })

  it('takes note of who is idle, and its machine hears nothing of it, whatever its state', () => {
    const idle = play(agent, notes('hello', { stake: '1p1' })).outbox[0]!.message
    const waiting = play(agent, toOrigin(message(note, { text: 'ask' }, { stake: '1p1' })))
    const record = turn(agent, waiting, { kind: 'message', message: idle })
    expect(record).toMatchObject({ deferred: [], outbox: [], snapshot: waiting.snapshot, stake: '3p2' })
    expect(record.awaiting).toEqual(waiting.awaiting)
    const over = play(agent, toOrigin(message(note, { text: 'end' }, { stake: '1p1' })))
    expect(over.phase).toBe('closed')
    expect(turn(agent, over, { kind: 'message', message: idle })).toMatchObject({ outbox: [], stake: '1p0' })
  })

  it('keeps what is left where it sends something', () => {
    const record = play(agent, toOrigin(message(note, { text: 'tell' }, { stake: '1p0' })))
    expect(record.stake).toBe('1p1')
    expect(sent(record)).toEqual(['1p1'])
  })
})

describe('a conversation that the end of its run closes', () => {
  const ending = { reason: 'its run ended: it was stopped', context: context({ nonce: 'other' }) }
  const work = play(agent, notes('work', { stake: '1p1' }), orders('milk', { number: 2, stake: '1p2' }))
  const bread = message(order, { what: 'bread' }, { number: 3, stake: '1p2' })

  it('waits for nothing, tells nobody, and sends everything home', () => {
    expect(work).toMatchObject({ deferred: [{}], effects: [{}], stake: '3p2' })
    const record = ended(work, undefined, ending)
    expect(record).toMatchObject({
      phase: 'closed',
      output: null,
      problem: ending.reason,
      snapshot: null,
      ...{ deferred: [], effects: [], timers: [], requests: [], awaiting: [] },
      stake: '0p0',
      turn: work.turn + 1,
      took: { event: 'ended', from: 'working', to: 'failed' },
    })
    expect(said(record)).toEqual([IDLE])
    expect(record.outbox[0]).toMatchObject({
      mailbox: { kind: 'peer', peer: 'origin-r1' },
      message: { to: { conversation: 'r1/origin' }, stake: '3p2' },
    })
  })

  it.each(['ask', 'tell and wait', 'tell and work'])('has nothing pending any more, after %j', (text) => {
    const active = play(agent, notes(text, { stake: '1p0' }))
    const record = ended(active, undefined, ending)
    expect(isActive(record)).toBe(false)
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p1'])
  })

  it('has an owner until its stake is on its way', () => {
    const record = ended(work, undefined, ending)
    expect(record.owner).toBe('worker-1')
    expect(published(record)).toMatchObject({ owner: null, outbox: [] })
  })

  it('sends the stake of the message home that closes it', () => {
    const record = ended(work, bread, ending)
    expect(record.took).toMatchObject({ event: 'ended', id: bread.id })
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p0'])
    expect(takeTurn(agent, record, { kind: 'message', message: bread }, context())).toMatchObject({
      why: 'seen',
    })
  })

  it('counts a message that it took before no second time', () => {
    const before = message(order, { what: 'milk' }, { number: 2, stake: '1p2' })
    expect(sent(ended(work, before, ending))).toEqual(['3p2'])
  })

  it('is a tombstone where the message would have opened it', () => {
    const record = ended(undefined, bread, ending)
    expect(record).toMatchObject({
      conversation: 'r1/job',
      role: 'worker',
      turn: 1,
      phase: 'closed',
      problem: ending.reason,
      took: { event: 'ended', from: 'new', to: 'failed', id: bread.id },
    })
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p2'])
    expect(takeTurn(agent, record, { kind: 'message', message: bread }, context())).toMatchObject({
      why: 'seen',
    })
  })

  it('stays what it was where it had ended before, and only sends stake home', () => {
    const over = published(play(agent, notes('end')))
    const record = ended(over, bread, ending)
    expect(record).toMatchObject({
      phase: 'closed',
      problem: null,
      took: { event: 'ended', from: 'done', to: 'done' },
    })
    expect(said(record)).toEqual([IDLE])
    expect(sent(record)).toEqual(['1p2'])
  })

  it('says nothing where it has no stake', () => {
    const over = published(play(agent, notes('end')))
    expect(ended(over, undefined, ending)).toMatchObject({ outbox: [], owner: null, stake: '0p0' })
  })

  it('keeps everything where it is the origin', () => {
    const waiting = play(agent, toOrigin(message(note, { text: 'ask' }, { stake: '1p0' })))
    const record = ended(waiting, undefined, ending)
    expect(record).toMatchObject({ phase: 'closed', outbox: [], owner: null, stake: waiting.stake })
  })

  it('has its span, once', () => {
    const names = (record: ConversationRecord) => record.spans.map(({ name }) => name)
    const record = ended(work, undefined, ending)
    expect(names(record)).toContain('invoke_agent worker')
    expect(names(ended(published(record), bread, ending))).not.toContain('invoke_agent worker')
  })
})

describe('a message that is credited to a conversation of somebody else', () => {
  const by = context({ peer: 'origin-r1' as never, epoch: 9, nonce: 'other' })
  const telling = play(agent, notes('tell and work', { stake: '1p0' }))
  const milk = message(order, { what: 'milk' }, { number: 2, stake: '1p3' })
  const record = credited(telling, milk, by)

  it('is in the record, with its stake', () => {
    expect(record.stake).toBe(sum(['1p1', '1p3']))
    expect(record).toMatchObject({
      turn: telling.turn + 1,
      took: { event: 'credited', from: 'working', to: 'working', id: milk.id },
    })
  })

  it('is taken no second time, whoever takes it', () => {
    const again = { kind: 'message' as const, message: milk }
    expect(takeTurn(agent, record, again, context())).toEqual({ kind: 'nothing', why: 'seen' })
    const closed = ended(record, milk, { reason: 'over', context: context() })
    expect(sent(closed)).toEqual([record.stake])
  })

  it('changes nothing else: what was to be sent is still to be sent, by its owner', () => {
    const { outbox, owner, effects, snapshot, requests, phase } = telling
    expect(record).toMatchObject({ outbox, owner, effects, snapshot, requests, phase })
    expect(record.by.peer).toBe('origin-r1')
  })

  it('leaves stake with a conversation that is idle, which is not parked before it was closed', () => {
    const idle = play(agent, notes('tell', { stake: '1p0' }))
    const owing = credited(idle, milk, by)
    expect(owing).toMatchObject({ outbox: idle.outbox, owner: 'worker-1', stake: '1p3' })
    expect(settled(owing, context())).toBeUndefined()
    const closed = ended(owing, undefined, { reason: 'over', context: context() })
    expect(said(closed)).toEqual([IDLE])
    expect(sent(closed)).toEqual(['1p3'])
  })
})

describe('conversations that go on and on', () => {
  /** Delivers what is sent, one after another, so many times; tells all stake there is after each. */
  function relay(behaviours: Readonly<Record<string, Behaviour>>, first: Message, times: number) {
    const records = new Map<string, ConversationRecord>()
    const mail = [first]
    const texts: string[] = []
    const types: string[] = []
    for (let time = 0; time < times; time++) {
      const next = mail.shift()!
      const { conversation } = next.to
      const record = turn(behaviours[conversation]!, records.get(conversation), {
        kind: 'message',
        message: next,
      })
      records.set(conversation, record)
      mail.push(...record.outbox.map(({ message }) => message))
      const stakes = [...[...records.values()].map(({ stake }) => stake), ...mail.map(({ stake }) => stake)]
      expect(isWholeStake(parseStake(sum(stakes)))).toBe(true)
      texts.push(...stakes)
      types.push(...record.outbox.map(({ message: { type } }) => type))
    }
    return { longest: Math.max(...texts.map((text) => text.length)), types: new Set(types) }
  }

  const curious = worker(
    parcels.createMachine({
      context: nothingHeard,
      initial: 'idle',
      states: {
        idle: { on: { 'parcel.order': 'asking' } },
        asking: {
          entry: parcels.emit({
            type: 'parcel.ask',
            body: { about: 'it' },
            to: { role: 'worker', conversation: 'help' },
          } as Emitted),
          on: { 'parcel.told': { target: 'asking', reenter: true } },
        },
      },
    }),
  )
  const knowing = worker(
    parcels.createMachine({
      context: nothingHeard,
      on: { 'parcel.ask': { actions: parcels.emit({ type: 'parcel.told', body: { about: 'it' } }) } },
    }),
  )

  it('have a short stake still, however often one asks and the other answers', () => {
    const { conversation } = stop('worker', 'help')
    const behaviours = { 'r1/job': curious, [conversation]: knowing }
    const { longest, types } = relay(behaviours, message(order, { what: 'milk' }), 400)
    expect(longest).toBeLessThanOrEqual('1p1'.length)
    expect([...types]).toEqual(['parcel.ask', 'parcel.told'])
  })

  it('need no message of their own for it, where work goes from hand to hand', () => {
    const handing = (to: string) =>
      worker(
        parcels.createMachine({
          context: nothingHeard,
          on: {
            'parcel.note': {
              actions: parcels.emit({
                type: 'parcel.note',
                body: { text: 'on' },
                to: { role: 'worker', conversation: to },
              } as Emitted),
            },
          },
        }),
      )
    const behaviours = { 'r1/job': handing('help'), 'r1/help': handing('job') }
    const first = message(note, { text: 'on' }, { hops: 1_000 })
    const { longest, types } = relay(behaviours, first, 400)
    expect(longest).toBe('1p0'.length)
    expect([...types]).toEqual(['parcel.note'])
  })
})
