/** A lab for people: how far it is, and what came of it in words. */
import { relative } from 'node:path'
import { createLogUpdate } from 'log-update'
import type { Progress } from '../../lab/lab.ts'
import { layoutOf } from '../../lab/report/series.ts'
import { tellingOrder } from '../../lab/report/telling.ts'
import { endingSentences, findingsOf, fitSentences } from '../../lab/report/words.ts'
import type { Results, Sample } from '../../lab/results.ts'
import type { Clock } from '../../src/time/clock.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import type { Screen } from './terminal.ts'

export type LabProgress = {
  readonly sample: (sample: Sample, progress: Progress) => void
  end(): void
}

/** Lines where nothing can be painted over: so many in all. */
const LINES = 20
/** Metrics that are told of at once; the page has all. */
const TOLD = 3

/** @param screen none says nothing */
export function labProgress(screen: Screen | undefined, clock: Clock): LabProgress {
  if (screen === undefined) return { sample: () => {}, end: () => {} }
  const log = screen.live ? createLogUpdate(screen.stream) : undefined
  const begunAt = clock.now()
  /** Found, not run: they say nothing about how long the rest takes. */
  let found: number | undefined

  return {
    sample({ cell, seed }, { done, left }) {
      found ??= done - 1
      const all = done + left
      const ran = done - found
      const leftMs = ran < 10 ? undefined : ((clock.now() - begunAt) / ran) * left
      const line = [
        `${done.toLocaleString('en')} of ${all.toLocaleString('en')} runs`,
        ...(leftMs === undefined || left === 0 ? [] : [`${shortDuration(Math.round(leftMs))} left`]),
        `${cell}, seed ${seed}`,
      ].join(' · ')
      if (log !== undefined) log(line)
      else if (left === 0 || done % Math.max(1, Math.floor(all / LINES)) === 0) screen.line(line)
    },
    end: () => log?.clear(),
  }
}

/** @param paired as of `layoutOf` */
export function showFindings(
  results: Results,
  paired: readonly Sample[],
  files: readonly string[],
  { line, paint }: Screen,
): void {
  const layout = layoutOf(results, paired)
  line('')
  line(`${paint('bold', results.name)}  ${results.cells.length} cells, ${results.seeds.length} seeds each`)
  const told = tellingOrder(results, layout)
    .map((metric) => ({ metric, findings: findingsOf(results, layout, metric) }))
    .filter(({ findings }) => findings.length > 0)
  for (const { metric, findings } of told.slice(0, TOLD)) {
    line('')
    line(paint('bold', results.metrics[metric]!.label))
    for (const { panel, sentences } of findings) {
      if (panel !== '') line(`  ${paint('dim', panel)}`)
      for (const sentence of sentences) line(`  ${sentence}`)
    }
  }
  const fits = fitSentences(results, layout)
  if (fits.length > 0) {
    line('')
    line(paint('bold', 'theory and measurement'))
    for (const sentence of fits) line(`  ${sentence}`)
  }
  const endings = [...endingSentences(results, layout), ...results.notes]
  if (endings.length > 0) line('')
  for (const sentence of endings) line(sentence)
  line('')
  for (const path of files) line(paint('dim', `→ ${relative(process.cwd(), path) || path}`))
}
