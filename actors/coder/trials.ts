/** What the offline coder has tried, read off its transcript. */
import { z } from 'zod'
import type { ReviewRevise } from '../../protocols/review.ts'
import { type Finding, findingSchema, type TaskRequest, type TaskResult } from '../../protocols/task.ts'
import type { TranscriptEntry } from '../../src/model/model.ts'
import { testReportSchema } from '../../src/tools/run-tests.ts'
import type { Work } from './work.ts'

export type Trial = {
  readonly code: string
  /** Tests of the task that fail with it; null when it could not even be put in place. */
  readonly failing: readonly string[] | null
  /** Tests that stop at somebody else's stub: they say nothing yet. */
  readonly blocked: readonly string[]
}

export type Situation = {
  readonly work: TaskRequest
  /** The revision asked for, in a later round. */
  readonly revise: ReviewRevise | null
  /** Tests that must pass. */
  readonly names: readonly string[]
  readonly findings: readonly Finding[]
  /** Of this round, in order; the last may not have been tested yet. */
  readonly trials: readonly Trial[]
  readonly untested: string | null
  /** What failed before anything was tried in this round; null while that is not known. */
  readonly before: readonly string[] | null
  /** The code of this task that the head has held, oldest first: the last one stands there now. */
  readonly installed: readonly string[]
  /** Whether the researcher was asked since it last had something new to say, and had nothing. */
  readonly askedInVain: boolean
}

const answerSchema = z.object({ findings: z.array(findingSchema) })

export function situationOf(transcript: readonly TranscriptEntry[]): Situation {
  const messages = transcript.filter((entry) => entry.kind === 'message')
  const work = messages.find(({ type }) => type === 'task.request')!.body as TaskRequest
  const revise =
    (messages.findLast(({ type }) => type === 'review.revise')?.body as ReviewRevise | undefined) ?? null
  const own = work.checks.flatMap((check) => (check.kind === 'tests' ? check.names : []))
  const names = [...new Set([...own, ...(revise?.failing ?? [])])]
  const findings = new Map<string, Finding>()
  let round: { trials: Trial[]; untested: string | null; before: readonly string[] | null } = freshRound()
  let askedInVain = false
  const installed: string[] = []
  let last: string | null = null
  const calls = new Map<string, unknown>()
  for (const entry of transcript) {
    switch (entry.kind) {
      case 'message':
        if (entry.type === 'review.revise') round = freshRound()
        if (entry.type === 'task.result')
          for (const found of (entry.body as TaskResult).findings) findings.set(found.code, found)
        break
      case 'reply':
        for (const call of entry.calls) calls.set(call.id, call.input)
        if ((entry.answer?.body as Work | undefined)?.changed && last !== null) installed.push(last)
        break
      case 'correction':
        round = freshRound() // the work begins again from another head
        break
      case 'result':
        if (entry.tool === 'ask_researcher') {
          const fresh = answerSchema.parse(entry.output).findings.filter(({ code }) => !findings.has(code))
          for (const found of fresh) findings.set(found.code, found)
          askedInVain = fresh.length === 0
        } else if (entry.tool === 'replace_declaration') {
          last = codeOf(calls.get(entry.call))
          round.untested = last
        } else if (entry.tool === 'run_tests') {
          const { failing, blocked } = verdictOn(testReportSchema.parse(entry.output))
          if (round.untested === null) round.before = failing
          else round.trials.push({ code: round.untested, failing, blocked })
          round.untested = null
        }
        break
      case 'error':
        if (entry.tool === 'ask_researcher') askedInVain = true
        else if (entry.tool === 'replace_declaration')
          round.trials.push({ code: codeOf(calls.get(entry.call)), failing: null, blocked: [] })
        else if (round.untested !== null) {
          round.trials.push({ code: round.untested, failing: null, blocked: [] })
          round.untested = null
        }
        break
    }
  }
  return { work, revise, names, findings: [...findings.values()], askedInVain, installed, ...round }
}

const freshRound = () => ({
  trials: [] as Trial[],
  untested: null as string | null,
  before: null as readonly string[] | null,
})

const codeOf = (input: unknown) => (input as { code: string }).code

function verdictOn({ failed }: z.infer<typeof testReportSchema>) {
  const isBlocked = ({ error }: { error: string }) => /not implemented/i.test(error)
  return {
    failing: failed.filter((test) => !isBlocked(test)).map(({ name }) => name),
    blocked: failed.filter(isBlocked).map(({ name }) => name),
  }
}
