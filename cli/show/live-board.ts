/** The board on a terminal, painted over itself a few times a second and left standing at the end. */
import { createLogUpdate } from 'log-update'
import type { Clock, Timer } from '../../src/time/clock.ts'
import { board } from './board.ts'
import { linesOfOutput, withPrinted } from './printed.ts'
import { createProgress } from './progress.ts'
import type { RunDisplay } from './run-display.ts'
import type { Screen } from './terminal.ts'

/** Calm for the eye, and quick enough for a clock of seconds. */
const REPAINT_MS = 200

export function liveBoard(goal: string, screen: Screen, clock: Clock): RunDisplay {
  const log = createLogUpdate(screen.stream)
  const progress = createProgress()
  const printing = new Map<string, string>()
  let timer: Timer | undefined
  let over = false
  let paint = () => log(screen.paint('dim', 'gathering peers …'))
  paint()

  return {
    start({ run, model, startedAt, members }) {
      progress.expect(members)
      paint = () => {
        const around = { run, goal, model, startedAt, now: clock.now(), over }
        log(board(withPrinted(progress.view(), printing), around, screen).join('\n'))
      }
      const repaint = () => {
        paint()
        timer = clock.setTimer(REPAINT_MS, repaint)
      }
      repaint()
    },
    commit: (record) => progress.take(record),
    printed({ peer, tool, text }) {
      const last = linesOfOutput(text).at(-1)
      if (last !== undefined) printing.set(`${peer} ${tool}`, last)
    },
    say(text) {
      log.clear()
      screen.line(screen.paint('dim', text))
      paint()
    },
    end() {
      over = true
      timer?.cancel()
      paint()
      log.done()
    },
  }
}
