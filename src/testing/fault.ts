/** What may go wrong in a mesh, as plain data, in the words of whoever writes a test. */
import type { ModelError } from '../model/model.ts'
import { errorOf, type FailOptions } from './script.ts'

/**
 * When something befalls a peer: once, the first time that it is so, or the `time`-th.
 *
 * - `afterTurns`: when its process has committed so many turns, and nothing of the last one has left it;
 * - `calling`: as it calls a tool, or `model`; the tool does nothing, and the model is not asked;
 * - `called`: when the tool is done, or the model has replied, and nobody was told;
 * - `taking`: as a message of the type reaches it;
 * - `atMs`: virtual milliseconds after the mesh was there.
 */
export type Moment =
  | { readonly afterTurns: number }
  | { readonly calling: string; readonly time?: number }
  | { readonly called: string; readonly time?: number }
  | { readonly taking: string; readonly time?: number }
  | { readonly atMs: number }

export type KillOptions = {
  /** Virtual milliseconds until another process begins in its place, 1,000 unless given; false: none does. */
  readonly restartMs?: number | false
}

export type PeerFault =
  | { readonly kind: 'kill'; readonly who: string; readonly when: Moment; readonly restartMs: number | false }
  | { readonly kind: 'pause' | 'cut'; readonly who: string; readonly when: Moment; readonly forMs: number }

export type MessageFault =
  | { readonly kind: 'duplicate' | 'lose'; readonly message: string }
  | { readonly kind: 'delay'; readonly message: string; readonly ms: number }

export type CallFault =
  | {
      readonly kind: 'model'
      readonly who: string
      readonly error: ModelError
      /** The first call that fails, and how many do. */
      readonly call: number
      readonly times: number
    }
  | { readonly kind: 'hang'; readonly tool: string; readonly times: number }

export type MeshFault = PeerFault | MessageFault | CallFault

/** Virtual milliseconds. */
const RESTART_MS = 1_000

const NOW: Moment = { atMs: 0 }

/** Faults of a mesh. Those of peers strike at a moment, or now where a test gives them to `strike`. `who` is a role, that is whichever of its peers comes to that moment first, or a peer: `coder-2`. */
export const fault = {
  /** The process dies: nothing of it goes on. Others adopt its peer once its lease has run out, after 10 s. */
  kill: (who: string, when: Moment = NOW, { restartMs = RESTART_MS }: KillOptions = {}): PeerFault => ({
    ...{ kind: 'kill', who, when, restartMs },
  }),
  /** The process sleeps, and its clock with it. Past 10 s it finds that its peer is another's by now. */
  pause: (who: string, when: Moment, forMs: number): PeerFault => ({ kind: 'pause', who, when, forMs }),
  /** The process reaches nobody, and nobody reaches it. */
  cutOff: (who: string, when: Moment, forMs: number): PeerFault => ({ kind: 'cut', who, when, forMs }),
  /** Each message of the type arrives twice. */
  duplicate: (message: string): MessageFault => ({ kind: 'duplicate', message }),
  /** Each message of the type is so many milliseconds on its way. */
  delay: (message: string, ms: number): MessageFault => ({ kind: 'delay', message, ms }),
  /** The first delivery of each message of the type gets lost. It is delivered again, after 30 s: none is lost for good. */
  lose: (message: string): MessageFault => ({ kind: 'lose', message }),
  /**
   * Calls of a role to its model fail, without its being asked. @param code as in `fail`. @param which the first call
   * unless given, and how many from there
   */
  failModel: (
    who: string,
    code: string,
    {
      call = 1,
      times = 1,
      ...options
    }: FailOptions & { readonly call?: number; readonly times?: number } = {},
  ): CallFault => ({ kind: 'model', who, error: errorOf(code, options), call, times }),
  /** A tool never ends: its deadline does. @param times how many calls, the first unless given */
  hang: (tool: string, { times = 1 }: { readonly times?: number } = {}): CallFault => ({
    ...{ kind: 'hang', tool, times },
  }),
}
