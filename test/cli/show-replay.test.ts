import { describe, expect, it } from 'vitest'
import { checkLines, type ReplayText, stepLines, summaryLines } from '../../cli/show/replay.ts'
import { createChecker, tallyChecks } from '../../src/history/check.ts'
import type { RunHistory } from '../../src/history/history.ts'
import { viewOfStep } from '../../src/history/step-view.ts'
import { stepsOf } from '../../src/history/steps.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { simulate } from '../../src/simulation/world.ts'
import { dispatcher, errandsFlock, runner } from '../simulation/errands.ts'

const text: ReplayText = {
  width: 100,
  paint: (_, plain) => plain,
  redact: (secret) => secret.replaceAll('milk', '[redacted]'),
}

async function shown(
  roles = [dispatcher, runner],
  change: (history: RunHistory) => RunHistory = (same) => same,
) {
  const { record, journal } = await simulate({
    seed: 1,
    flock: errandsFlock(['milk']),
    profile: PROFILES.none,
  })
  const history = change({ run: record!, journal, unreadable: 0 })
  const [check, tally] = [createChecker(history.run, roles), tallyChecks()]
  const lines = [...stepsOf(history)].flatMap((step) => {
    const found = check(step)
    tally.add(step, found)
    return [...stepLines(viewOfStep(step), text), ...checkLines(found, text)]
  })
  return [...lines, ...summaryLines(tally.sum(), history, text)].map((line) => `${line}\n`).join('')
}

describe('a run that is gone through', () => {
  it('is a few lines for each step, without secrets, and a sum', async () => {
    await expect(await shown()).toMatchFileSnapshot('golden/replay.txt')
  })

  it('says what was not checked, and that it is not over', async () => {
    const open = ({ run, ...rest }: RunHistory): RunHistory => ({
      ...rest,
      run: { ...run, state: 'open' },
      unreadable: 2,
    })
    const lines = await shown([dispatcher], open)
    expect(lines).toContain('    ? not checked: role "runner" is not at hand')
    expect(lines).toMatch(
      /^\d+ turns in 3 conversations: \d+ as recorded, \d+ not checked\n {4}not checked, \d+ turns: role "runner" is not at hand\n {4}2 records of another version of skein left out.*\nthe run is not over/m,
    )
  })
})
