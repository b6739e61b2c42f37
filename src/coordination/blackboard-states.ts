/**
 * Changing an entry of a blackboard, as states of a machine: read it, decide what it should be, write that, and decide
 * again with the entry as it is now where somebody else was faster (BB3, `blackboard.ts`).
 *
 * The decision is a pure function. Where a model decides, let the machine think in states of its own between reading
 * and writing (`thinks`), or give the model the tools of the board: a conflict is then a result of its call.
 */
import type { AgentContext } from '../role/agent-context.ts'
import type { ToolInput, ToolReply } from '../role/setup.ts'
import { changing } from './acts.ts'
import type { Board, ChangeOutcome, EntryOf, Posted } from './blackboard.ts'
import { boardTool } from './blackboard-tools.ts'

/** What a machine remembers of the entry that it changes. */
export type Held<Value> = {
  /** As it was read, or as a conflict showed it; after a write as it was written. Null before. */
  readonly entry: Posted<Value> | null
  /** Writes in a row that lost to others. */
  readonly conflicts: number
}

export type BoardContext<B extends Board> = AgentContext & { readonly held: Held<EntryOf<B>> }

/** Writes in a row that may lose, unless somebody says otherwise. */
const CONFLICTS_LIMIT = 50

export type BoardChangeOptions<Value, Context> = {
  readonly key: string | ((context: Context) => string)
  /**
   * From an entry to what it should be, or undefined to leave it. Pure: it is asked anew after each conflict.
   * @param value null where nobody has written the entry
   */
  readonly change: (value: Value | null, context: Context) => Value | undefined
  /** Writes in a row that may lose before the agent gives up, 50 unless given: then the entry is too hot. */
  readonly conflictsLimit?: number
}

/** The entry was read. */
export const entryRead = <Value>(entry: Posted<Value>): Held<Value> => ({ entry, conflicts: 0 })

/** A write came to something. @param wanted what it was to write, and who it is by */
export function entryWritten<Value>(
  held: Held<Value>,
  outcome: ChangeOutcome<Value>,
  wanted: { readonly value: Value; readonly by: string },
): Held<Value> {
  return outcome.kind === 'conflict'
    ? { entry: outcome.current, conflicts: held.conflicts + 1 }
    : { entry: { ...wanted, key: held.entry!.key, revision: outcome.revision }, conflicts: 0 }
}

/**
 * A change to an entry. The role needs the tools of the board among its `machineTools`.
 * @example
 * const take = boardChange(stock, { key: 'apples', change: (left) => (left ? left - 1 : undefined) })
 * // context: ({ input }) => ({ ...newAgent(input), ...take.none })
 * // states: { …, ...take.states({ written: 'taken', left: 'soldOut', gaveUp: 'failed' }) }, and go to `readingEntry`
 */
export function boardChange<B extends Board, Context extends BoardContext<B> = BoardContext<B>>(
  board: B,
  { key, change, conflictsLimit = CONFLICTS_LIMIT }: BoardChangeOptions<EntryOf<B>, Context>,
) {
  type Value = EntryOf<B>
  type Done = { readonly output: ToolReply }
  type Args = { readonly context: Context }

  const wantedIn = (context: Context) => change(context.held.entry!.value, context)
  const outcomeOf = ({ output }: Done) => output.output as ChangeOutcome<Value>
  const holding = (held: Held<Value>) => ({ held }) as Partial<Context>
  const writeEnded = changing<Context, Done>((context, event) => {
    const wanted = { value: wantedIn(context)!, by: context.input.name }
    return holding(entryWritten(context.held, outcomeOf(event), wanted))
  })
  const sayTooHot = changing<Context>(({ held: { entry, conflicts } }) => {
    const problem = `"${entry!.key}" on board "${board.name}" was changed by others ${conflicts} times in a row`
    return { problem, problemKind: 'error' } as Partial<Context>
  })

  return {
    /** The part of the context, for a new conversation. */
    none: { held: { entry: null, conflicts: 0 } } as { readonly held: Held<Value> },
    /**
     * `readingEntry`, where to begin, `decidingEntry`, `changingEntry`, and `writingEntry`.
     * @param next where the machine goes when the change is written, when there is none to make, when it gives up; and
     * where it thinks of what it read, if it does: from there it goes to `changingEntry`. After a conflict it thinks
     * again.
     */
    states: <
      const Written extends string,
      const Left extends string,
      const GaveUp extends string,
      const Thinks extends string = 'changingEntry',
    >(next: {
      readonly written: Written
      readonly left: Left
      readonly gaveUp: GaveUp
      readonly thinks?: Thinks
    }) =>
      ({
        readingEntry: {
          invoke: {
            id: 'readEntry',
            src: 'tool',
            input: ({ context }: Args): ToolInput => ({
              tool: boardTool('read', board),
              input: { key: typeof key === 'string' ? key : key(context) },
              tree: null,
            }),
            onDone: {
              target: 'decidingEntry',
              actions: changing<Context, Done>((_, { output }) =>
                holding(entryRead(output.output as Posted<Value>)),
              ),
            },
            onError: { target: next.gaveUp, actions: 'giveUp' },
          },
        },
        decidingEntry: {
          always: [
            {
              guard: ({ context }: Args) => context.held.conflicts > conflictsLimit,
              target: next.gaveUp,
              actions: sayTooHot,
            },
            { target: (next.thinks ?? 'changingEntry') as Thinks },
          ],
        },
        changingEntry: {
          always: [
            { guard: ({ context }: Args) => wantedIn(context) === undefined, target: next.left },
            { target: 'writingEntry' },
          ],
        },
        writingEntry: {
          invoke: {
            id: 'writeEntry',
            src: 'tool',
            input: ({ context }: Args): ToolInput => {
              const { key, revision } = context.held.entry!
              const input = { key, revision, value: wantedIn(context) }
              return { tool: boardTool('write', board), input, tree: null }
            },
            onDone: [
              {
                guard: ({ event }: { readonly event: Done }) => outcomeOf(event).kind === 'written',
                target: next.written,
                actions: writeEnded,
              },
              { target: 'decidingEntry', actions: writeEnded },
            ],
            onError: { target: next.gaveUp, actions: 'giveUp' },
          },
        },
      }) as const,
  }
}
