/**
 * The coder without a model: puts the code that research found in place of the declaration, one after another, until
 * the tests pass. It is retrieval and testing, and it says so when nothing it has passes.
 */
import { sourceOf } from '../../protocols/task.ts'
import type { OfflinePolicy, PolicyStep } from '../../src/model/offline.ts'
import { type Situation, situationOf, type Trial } from './trials.ts'
import type { Work } from './work.ts'

export const codeOffline: OfflinePolicy = ({ transcript }) => {
  const situation = situationOf(transcript)
  const { work, names, trials, untested, findings, askedInVain, revise, before, installed } = situation
  if (work.subject === null)
    return giveUp(
      'offline, the coder can only put found code in place of a declaration: set OPENAI_API_KEY to use a model',
    )
  if (untested !== null)
    return names.length === 0 ? settle(situation, { code: untested, failing: [], blocked: [] }) : test(names)
  if (revise !== null && before === null) return test(names)
  if (before?.length === 0)
    return answer({ ...NOTHING, summary: 'what failed passes by now: somebody else mended it' })
  const last = trials.at(-1)
  if (last?.failing?.length === 0) return settle(situation, last)
  // What stands there has been found wanting: in a revision it is not tried again.
  const next = findings.find(
    ({ code }) => code !== installed.at(-1) && !trials.some((trial) => trial.code === code),
  )
  if (next !== undefined) return put(situation, next.code)
  if (!askedInVain) {
    const text = `Where else do the documents have code for ${work.subject.name}? None of these ${findings.length} passes its tests.`
    return {
      kind: 'call',
      tool: 'ask_researcher',
      input: { question: text, subject: work.subject, known: findings.map(sourceOf) },
    }
  }
  const best = bestOf(situation)
  if (best === undefined) return noneLeft(situation)
  // The best one may not be the one that stands there now.
  return last?.code === best.code ? settle(situation, best) : put(situation, best.code)
}

const giveUp = (reason: string): PolicyStep => ({ kind: 'give-up', reason })
const test = (names: readonly string[]): PolicyStep => ({ kind: 'call', tool: 'run_tests', input: { names } })
const answer = (body: Work): PolicyStep => ({ kind: 'answer', type: 'work', body })
const NOTHING: Work = { summary: '', changed: false, sources: [], failing: [], openPoints: [] }

const put = ({ work }: Situation, code: string): PolicyStep => ({
  kind: 'call',
  tool: 'replace_declaration',
  input: { file: work.subject!.file, name: work.subject!.name, code },
})

function settle({ work, findings, trials, names }: Situation, { code, failing, blocked }: Trial): PolicyStep {
  const found = findings.find((finding) => finding.code === code)!
  const { name } = work.subject!
  const source = `${found.path}:${found.line}`
  const tried =
    names.length === 0
      ? 'no test covers it'
      : `${new Set(trials.map((trial) => trial.code)).size} of ${findings.length} candidates tried`
  return answer({
    summary: `${name} as it stands in ${source} ("${found.heading}"); ${tried}`,
    changed: true,
    sources: [source],
    failing: [...(failing ?? []), ...blocked],
    openPoints: names.length === 0 ? [`${name} is not covered by any test`] : [],
  })
}

type Tested = Trial & { readonly failing: readonly string[] }

/**
 * The candidate that fails least, if it is of any use though it does not pass. At first, another task's work may be to
 * blame for what is left: work that this one builds on, or whatever makes a test fail with every candidate there is. In
 * a revision it must be better than what stands there; or, since two
 * tasks may be wrong at once and neither can mend it alone, at least no worse and something new.
 */
function bestOf({ work, trials, revise, before, names, installed }: Situation): Tested | undefined {
  const tested = trials.filter((trial): trial is Tested => trial.failing !== null)
  const ranked = tested.toSorted((a, b) => a.failing.length - b.failing.length)
  if (revise === null) {
    const buildsOnOthers = work.needs.some((need) => need.startsWith('code-'))
    const isBlamed = (name: string) => buildsOnOthers || tested.every(({ failing }) => failing.includes(name))
    return ranked.find(({ failing }) => failing.length < names.length && failing.every(isBlamed))
  }
  const noWorse = ranked.filter(({ failing }) => failing.every((name) => before!.includes(name)))
  return (
    noWorse.find(({ failing }) => failing.length < before!.length) ??
    noWorse.find(({ code }) => !installed.includes(code))
  )
}

function noneLeft({ work, findings, revise, names }: Situation): PolicyStep {
  const { name } = work.subject!
  const reason =
    findings.length === 0
      ? `the documents hold no code that exports ${name}`
      : `none of the ${findings.length} candidates for ${name} in the documents passes its ${names.length} tests`
  return revise === null
    ? giveUp(reason)
    : answer({ ...NOTHING, summary: `not improved: ${reason}`, openPoints: [] })
}
