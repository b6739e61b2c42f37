/**
 * What the commands of a peer's tools print, while they run, as signals for whoever watches the run.
 *
 * L1. Nothing is sent of a command that is quickly done.
 * L2. However much it prints, a bounded number of signals of a bounded size is sent.
 * L3. Whole lines are sent, where they are not too long, so that a secret is found in one piece and taken out.
 */
import { nameOf, type PeerId, type RoleName } from '../../protocols/ids.ts'
import { PROGRESS_SUBJECT, type Printed, progress } from '../../protocols/progress.ts'
import type { Frame } from '../bus/frame.ts'
import type { Signals } from '../bus/signals.ts'
import type { Clock, Timer } from '../time/clock.ts'
import type { ConversationRecord } from '../turn/record.ts'

export type LiveOutputOptions = {
  readonly signals: Signals
  readonly clock: Clock
  readonly peer: PeerId
  readonly role: RoleName
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string
}

/** One call of a tool. */
export interface LiveCall {
  add(text: string): void
  /** What was not sent is not sent any more: the tool's answer says it. */
  end(): void
}

export type LiveOutput = (record: Pick<ConversationRecord, 'run' | 'conversation'>, tool: string) => LiveCall

/** Until the first signal of a call, and between two, in milliseconds. (L1, L2) */
export const FIRST_MS = 1_000
export const BETWEEN_MS = 500
/** Characters of a signal: some screens. (L2) */
export const SIGNAL_CHARS = 4_096

export function createLiveOutput({ signals, clock, peer, role, redact }: LiveOutputOptions): LiveOutput {
  return ({ run, conversation }, tool) => {
    let text = ''
    let left = 0
    let timer: Timer | undefined
    let ended = false

    function add(more: string): void {
      if (ended) return
      text += more
      // What comes in between is cut as well, or it would grow without bound.
      if (text.length > 4 * SIGNAL_CHARS) cut()
      timer ??= clock.setTimer(FIRST_MS, send)
    }

    /** Keeps the end, from the beginning of a line. */
    function cut(): void {
      const from = text.length - SIGNAL_CHARS
      if (from <= 0) return
      const line = text.indexOf('\n', from)
      const kept = line === -1 || line === text.length - 1 ? text.slice(from) : text.slice(line + 1)
      left += text.length - kept.length
      text = kept
    }

    function send(): void {
      cut()
      const end = text.lastIndexOf('\n') + 1 || (text.length >= SIGNAL_CHARS ? text.length : 0)
      if (end > 0) {
        const told = redact(text.slice(0, end)) // L3
        text = text.slice(end)
        publish({ run, peer, role, conversation: nameOf(conversation), tool, text: told, left })
        left = 0
      }
      timer = ended ? undefined : clock.setTimer(BETWEEN_MS, send)
    }

    function publish(printed: Printed): void {
      try {
        signals.publish(PROGRESS_SUBJECT.of(run), frameOf(printed))
      } catch {
        // The bus is away: nobody would hear it.
      }
    }

    return {
      add,
      end() {
        ended = true
        timer?.cancel()
      },
    }
  }
}

const frameOf = (printed: Printed): Frame => ({
  headers: {},
  body: new TextEncoder().encode(JSON.stringify(printed)),
})

/** A signal as it came, or undefined for what is none: anybody may publish there. */
export function readPrinted({ body }: Frame): Printed | undefined {
  try {
    return progress.messages.printed.body.safeParse(JSON.parse(new TextDecoder().decode(body))).data
  } catch {
    return undefined
  }
}

/** Hears what is printed from now on, of a run or of all, until it is stopped. */
export async function listen(
  signals: Signals,
  subject: string,
  hear: (printed: Printed) => void,
): Promise<{ stop(): Promise<void> }> {
  const subscription = await signals.subscribe(subject)
  const hearing = (async () => {
    for await (const { frame } of subscription) {
      const printed = readPrinted(frame)
      if (printed !== undefined) hear(printed)
    }
  })()
  return {
    async stop() {
      subscription.close()
      await hearing
    },
  }
}
