/** From what a flight has left to what is said of it: counts, and what the checks found. */
import { join } from 'node:path'
import type { Finding } from './checks/finding.ts'
import { checkModelCalls } from './checks/model-calls.ts'
import { checkPauses } from './checks/pauses.ts'
import { checkProgress } from './checks/progress.ts'
import { checkDeadLetters, checkRecords } from './checks/records.ts'
import { checkResult } from './checks/result.ts'
import { checkStrikes } from './checks/strikes.ts'
import { type Counts, countsOf } from './counts.ts'
import type { Crew } from './crew.ts'
import type { ModelRequest } from './endpoint.ts'
import type { Flown } from './flown.ts'
import type { Net } from './net.ts'
import type { Plan } from './plan.ts'
import type { Stage } from './stage.ts'

export type Result = {
  readonly name: string
  readonly counts: Counts
  /** Empty where every check holds. */
  readonly findings: readonly Finding[]
}

export type Evidence = {
  readonly plan: Plan
  readonly flown: readonly Flown[]
  /** Alive: who slept may still have something to say. */
  readonly crew: Crew
  readonly net: Net
  /** What the endpoint was asked for; absent offline. */
  readonly requests: readonly ModelRequest[] | undefined
  /** How long those who slept may take to say so. */
  readonly patienceMs: number
}

export async function inquest(evidence: Evidence, stage: Stage): Promise<Result> {
  const { plan, flown, crew, net, requests } = evidence
  const journals = flown.map(({ journal }) => journal)
  const late = new AbortController()
  const timer = stage.clock.setTimer(evidence.patienceMs, () => late.abort())
  const findings = await Promise.all([
    checkStrikes(plan, crew, flown),
    checkPauses(crew.pauses, journals, late.signal),
    checkDeadLetters(net.bus),
    requests === undefined ? [] : checkModelCalls(requests, journals),
    ...flown.map(({ run, journal }) => checkRecords(run, journal)),
    ...flown.map(({ run, journal }) => checkProgress(run, journal, plan.adoptionS)),
    ...flown.map((run, index) =>
      checkResult(run, plan.workspace, join(stage.folder, `fresh-${index + 1}`), stage.signal),
    ),
  ])
  timer.cancel()
  return { name: plan.name, counts: countsOf(evidence), findings: findings.flat() }
}
