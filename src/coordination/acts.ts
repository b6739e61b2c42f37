/**
 * Actions of a piece of coordination, typed by what they need: a machine with more in its context takes them as they
 * are, and one that lacks the piece's part, or may not emit what the piece emits, does not compile.
 */
import { assign, enqueueActions } from 'xstate'
import type { FailureEvent } from '../role/setup.ts'

/** An action of any machine whose context has at least this, and that may emit at least that. */
export type PieceAction<Context, Event = unknown, Emitted = never> = {
  (args: { readonly context: Context; readonly event: Event }, params: undefined): void
  // XState's own mark of what an action emits.
  readonly _out_TEmitted?: Emitted
}

/** An action that changes the context. @param reduce pure */
export const changing = <Context, Event = unknown>(
  reduce: (context: Context, event: Event) => Partial<Context>,
): PieceAction<Context, Event> => {
  const action = assign(({ context, event }) => reduce(context as Context, event as Event) as never)
  return action as unknown as PieceAction<Context, Event>
}

/** An action that emits any number of messages. @param messages pure */
export const emitting = <Context, Emitted extends { readonly type: string }>(
  messages: (context: Context) => readonly Emitted[],
): PieceAction<Context, unknown, Emitted> => {
  const action = enqueueActions(({ enqueue, context }) => {
    for (const message of messages(context as Context)) enqueue.emit(message as never)
  })
  return action as unknown as PieceAction<Context, unknown, Emitted>
}

/**
 * Whose answer a failure stands for: the conversation's name inside the run. What an agent says of itself names no
 * message, but answers one; what the host says in its place names one.
 */
export function failedConversation({ body, correlation }: FailureEvent): string | undefined {
  const request = correlation ?? body.of
  return request?.slice(request.lastIndexOf('/') + 1, request.lastIndexOf('#'))
}
