/** Simulations for people: how far they are, what they add up to, and the one that broke. */
import { createLogUpdate } from 'log-update'
import type { Figures } from '../../src/simulation/figures.ts'
import type { Shrunk } from '../../src/simulation/shrink.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import { table } from './table.ts'
import type { Screen } from './terminal.ts'

export type SimulationProgress = {
  say(text: string): void
  done(figures: Figures): void
  end(): void
}

/** How many worlds go by between two lines where nothing can be painted over. */
const LINE_EVERY = 100

/** @param screen none says nothing */
export function simulationProgress(screen: Screen | undefined, seeds: number): SimulationProgress {
  if (screen === undefined) return { say: () => {}, done: () => {}, end: () => {} }
  const log = screen.live ? createLogUpdate(screen.stream) : undefined
  const lineOf = (figures: Figures) =>
    `${figures.seeds} of ${seeds} worlds · ${hours(figures.virtualMs)} simulated in ${shortDuration(figures.wallMs)} · ${count(faultsIn(figures))} faults`
  return {
    say(text) {
      log?.clear()
      screen.line(screen.paint('dim', text))
    },
    done(figures) {
      if (log !== undefined) log(lineOf(figures))
      else if (figures.seeds % LINE_EVERY === 0) screen.line(lineOf(figures))
    },
    end: () => log?.clear(),
  }
}

export function showFigures(figures: Figures, screen: Screen): void {
  const { seeds, virtualMs, wallMs, steps, commits, processes, takeovers, faults, outcomes } = figures
  const { messages, controls, controlsPerMessage, detection } = figures
  const show = (label: string, text: string) =>
    screen.line(`  ${screen.paint('dim', label.padEnd(11))}${text}`)
  const perSecond = wallMs === 0 ? 0 : Math.round((steps / wallMs) * 1_000)
  show('worlds', `${count(seeds)}: ${countsOf(outcomes)}`)
  show('time', `${hours(virtualMs)} simulated in ${shortDuration(wallMs)}`)
  show('steps', `${count(steps)}, ${count(perSecond)} a second`)
  show('commits', `${count(commits)}, ${count(takeovers)} of them takeovers`)
  show(
    'messages',
    `${count(messages)}, and ${count(controls)} that say who is idle: ${controlsPerMessage.toFixed(2)} a message`,
  )
  show('the end', `is known ${ms(detection.meanMs)} after the last turn, ${ms(detection.mostMs)} at most`)
  show('processes', count(processes))
  show('faults', `${count(faultsIn(figures))}: ${countsOf(faults)}`)
}

export function showBreach(
  seed: number,
  { breach, faults, tries }: Shrunk,
  repeat: string,
  screen: Screen,
): void {
  screen.line('')
  screen.line(
    `${screen.paint(['bold', 'red'], `${breach.invariant} is broken`)} in seed ${seed}: ${breach.text}`,
  )
  screen.line(`the smallest schedule that breaks it, after ${tries} runs:`)
  const rows = faults.map(({ id, at, kind, what }) => [shortDuration(at), kind, id, what])
  for (const line of table(['AT', 'FAULT', 'ID', 'WHAT'], rows, screen)) screen.line(`  ${line}`)
  screen.line('')
  screen.line(screen.paint('dim', `→ ${repeat}`))
}

const count = (value: number) => value.toLocaleString('en')
const ms = (value: number) => shortDuration(Math.round(value))
const hours = (ms: number) => `${(ms / 3_600_000).toFixed(1)} h`
const faultsIn = ({ faults }: Figures) => Object.values(faults).reduce((sum, number) => sum + number, 0)

/** `12 delay, 3 crash`, the most frequent first. */
const countsOf = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, number]) => `${count(number)} ${name}`)
    .join(', ')
