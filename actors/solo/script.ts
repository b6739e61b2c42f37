/**
 * Policies put together: a script calls one policy after another, each with the transcript that it would have if it
 * were alone. A script is a generator: it yields the calls of tools that it wants and is handed what came of each, so
 * that a policy of the whole is the script run against the transcript so far, up to the first call that was not made.
 */
import type { TranscriptEntry } from '../../src/model/model.ts'
import type { OfflinePolicy, PolicyStep } from '../../src/model/offline.ts'

export type Call = Extract<PolicyStep, { readonly kind: 'call' }>
export type Ending = Exclude<PolicyStep, { readonly kind: 'call' }>

/** Yields a call, and is handed the reply with it and what came of it. */
export type Script<Result> = Generator<Call, Result, readonly TranscriptEntry[]>

/** The next step of a script whose earlier calls stand in the transcript, with what came of them. */
export function nextStep(script: Script<Ending>, transcript: readonly TranscriptEntry[]): PolicyStep {
  const made = callsIn(transcript)
  let step = script.next()
  for (const followed of made) {
    if (step.done) break
    step = script.next(followed)
  }
  return step.value
}

/** Each call with its outcome, oldest first. Answers that would not do, and corrections, are no calls. */
function callsIn(transcript: readonly TranscriptEntry[]): TranscriptEntry[][] {
  const made: TranscriptEntry[][] = []
  for (const entry of transcript) {
    if (entry.kind === 'reply' && entry.calls.length > 0) made.push([entry])
    else if (entry.kind === 'result' || entry.kind === 'error') made.at(-1)?.push(entry)
  }
  return made
}

/** An agent in a script: what it was told, called and answered so far. It may be told more and asked again. */
export interface Agent {
  hear(type: string, body: unknown): void
  /** Lets it work until it answers or gives up. */
  work(): Script<Ending>
  readonly transcript: readonly TranscriptEntry[]
}

/**
 * @param request what the policy is asked with, save for the transcript
 * @param answering answers its calls instead of a tool, where it takes a call
 */
export function agentOf(
  policy: OfflinePolicy,
  request: Parameters<OfflinePolicy>[0],
  answering: (call: Call) => Script<readonly TranscriptEntry[]> | undefined = () => undefined,
): Agent {
  const transcript: TranscriptEntry[] = []
  return {
    transcript,
    hear: (type, body) => void transcript.push({ kind: 'message', type, from: request.role, body }),
    *work() {
      for (;;) {
        const step = policy({ ...request, transcript })
        if (step.kind === 'call') {
          const answered = answering(step)
          transcript.push(...(answered === undefined ? yield step : yield* answered))
          continue
        }
        if (step.kind === 'answer') {
          const { type, body } = step
          transcript.push({ kind: 'reply', text: '', calls: [], answer: { type, body } })
        }
        return step
      }
    },
  }
}
