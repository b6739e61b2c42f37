/**
 * The effect `person`: waits until somebody decides. It does nothing but read and write its record, so it can be begun
 * again by whoever adopts its conversation: it finds the record and goes on waiting, or finds it decided. What comes of
 * it is committed before the tool starts, so that no call is run unapproved, nor twice on one approval.
 *
 * What a person is shown is made by the first attempt that gets as far as opening the record, and is not made again (P3).
 */
import { assertNever } from '../../protocols/errors.ts'
import { askPersonName, GEN_AI, SKEIN } from '../../traces/names.ts'
import { ConflictError } from '../bus/errors.ts'
import type { Records } from '../bus/records.ts'
import type { ToolInput } from '../role/setup.ts'
import { readRun } from '../run/run-record.ts'
import { sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { type PersonSaid, ToolError } from '../tools/tool.ts'
import type { EffectContext, EffectHandler } from '../turn/effects.ts'
import { settle } from './decide.ts'
import type { Wanted } from './gate.ts'
import { encodeShown, gistOf, type ShowingOptions, shownOf } from './shown.ts'
import { type Decision, encodeWait, keyOf, readWait, type Wait, type WaitRecord } from './wait.ts'

/** Between two looks at the record, in milliseconds, for want of a watch that tells. */
const LOOK_MS = 15_000

export type PersonEffectOptions = ShowingOptions & {
  readonly records: Records
  readonly random: Random
}

export function personHandler(options: PersonEffectOptions): EffectHandler {
  const { records } = options
  return {
    describe: (input) => ({
      name: askPersonName((input as Wanted).tool),
      kind: 'client',
      attributes: {
        [GEN_AI.toolName]: (input as Wanted).tool,
        [SKEIN.personKind]: (input as Wanted).kind,
      },
    }),
    repeatable: () => true,
    timeoutMs: () => Number.POSITIVE_INFINITY, // the conversation's deadline is the end of it
    endsItself: true,
    waits: true,
    async run(input, context) {
      const wanted = input as Wanted
      await assureSomebody(records, wanted, context)
      const wait = await untilDecided(options, await opened(options, wanted, context), context.signal)
      const decision = wait.decision!
      context.onAttributes?.({ [SKEIN.personDecision]: decision.verdict, [SKEIN.personBy]: decision.by })
      return { output: saidIn(wait, decision) }
    },
  }
}

async function assureSomebody(
  records: Records,
  { tool }: Wanted,
  { record, name }: EffectContext,
): Promise<void> {
  // A process that does not know of it took the call out of the record: what is approved would be nothing.
  if (record.effects.find((effect) => effect.name === name)?.next === undefined)
    throw new ToolError(
      'unanswered',
      `the call of "${tool}" was lost between versions of skein: make it again`,
    )
  const run = await readRun(records, record.run)
  if (run?.record.people?.isAway)
    throw new ToolError(
      'unanswered',
      `"${tool}" waits for a person, and this run was started without one: go on without it`,
    )
}

/** The record of the wait, made now or by an earlier attempt. */
async function opened(options: PersonEffectOptions, wants: Wanted, context: EffectContext): Promise<Wait> {
  const { records, clock } = options
  const { shown: input, patienceMs, ...wanted } = wants
  const { record, name } = context
  const of = { run: record.run, conversation: record.conversation, effect: name }
  for (;;) {
    const found = await readWait(records, of)
    if (found !== undefined) return found
    const showing = await showingOf(options, wants, context)
    const since = clock.now()
    const wait: WaitRecord = {
      ...{ format: 1, ...of, ...wanted, choices: [...wanted.choices], input, ...showing },
      ...{ role: record.role, peer: record.owner ?? record.by.peer, since, decision: null },
      until: Math.min(record.limits.deadline, since + (patienceMs ?? Number.POSITIVE_INFINITY)),
    }
    await records.append(keyOf(of), encodeWait(wait), 0).catch((error) => {
      if (!(error instanceof ConflictError)) throw error
    })
  }
}

/** What of the call its input does not say, or does not say whole. @throws what the bus throws; the signal's reason */
async function showingOf(
  options: PersonEffectOptions,
  { kind, shown: input }: Wanted,
  context: EffectContext,
): Promise<Pick<WaitRecord, 'gist' | 'shown'>> {
  const call = context.record.effects.find(({ name }) => name === context.name)?.next?.input as
    | ToolInput
    | undefined
  if (kind === 'question' || call === undefined) return { gist: null, shown: null }
  const { shown, blobs } = await shownOf(options, call, context)
  if (shown.does === null && shown.problem === null && shown.input.text === input)
    return { gist: null, shown: null }
  return { gist: gistOf(shown), shown: await blobs.put(encodeShown(shown)) }
}

/** Told by a watch, and looked up now and then, since a watch may break off. @throws the signal's reason */
async function untilDecided(
  { records, clock, random }: PersonEffectOptions,
  wait: Wait,
  signal: AbortSignal,
): Promise<Wait> {
  const watch = await records.watch(keyOf(wait))
  let pause = new AbortController()
  const wake = () => pause.abort()
  const following = async () => {
    for await (const { revision } of watch) if (revision > wait.revision) wake()
  }
  void following().catch(() => {}) // then it is looked up
  signal.addEventListener('abort', wake, { once: true })
  try {
    for (;;) {
      const now = await readWait(records, wait)
      if (now !== undefined && now.decision !== null) return now
      const leftMs = wait.until - clock.now()
      if (leftMs <= 0) return await settle(records, wait, givenUp(wait, clock.now(), random.hex(8)))
      signal.throwIfAborted()
      await sleep(clock, Math.min(LOOK_MS, leftMs), pause.signal)
      pause = new AbortController()
    }
  } finally {
    signal.removeEventListener('abort', wake)
    watch.close()
  }
}

const givenUp = ({ peer }: Wait, at: number, nonce: string): Decision => ({
  ...{ verdict: 'unanswered', by: peer, text: null, at, nonce },
})

/** @throws ToolError `tool.denied`, `tool.unanswered` */
function saidIn({ kind, tool, since, until }: Wait, { verdict, by, text, at }: Decision): PersonSaid {
  switch (verdict) {
    case 'approve':
    case 'answer':
      return { verdict, by, text, at }
    case 'deny': {
      const what = kind === 'question' ? 'declined to answer' : `denied this call of "${tool}"`
      throw new ToolError('denied', `${by} ${what}${text === null ? '' : `: ${text}`}`)
    }
    case 'unanswered': {
      const what = kind === 'question' ? 'answered' : `decided on this call of "${tool}"`
      throw new ToolError('unanswered', `nobody ${what} within ${Math.round((until - since) / 1_000)} s`)
    }
    default:
      return assertNever(verdict)
  }
}
