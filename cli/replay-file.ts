/** `skein run --replay FILE`: a recorded run, done again, and whether it came out as it was. */
import { resolve } from 'node:path'
import { ACTOR_NAMES } from '../actors/catalogue.ts'
import { readRecording } from '../src/flock/recording-file.ts'
import { replayRun } from '../src/flock/replay-run.ts'
import { EXIT_OF_OUTCOME } from './exit-code.ts'
import { recordTo } from './input/recording.ts'
import { namedRoles } from './input/roles.ts'
import { readSettings } from './input/settings.ts'
import { showReplayed } from './show/replayed.ts'
import { screen } from './show/terminal.ts'

export type ReplayGiven = {
  readonly replay: string
  readonly record?: string | undefined
  readonly force?: boolean | undefined
  readonly json?: boolean | undefined
  readonly stateDir?: string | undefined
  readonly config?: string | undefined
}

/** Answers the exit code: that of the outcome. @throws RecordingError */
export async function replayFile(given: ReplayGiven): Promise<number> {
  const out = screen(process.stdout)
  const { replay, stateDir, config } = given
  const settings = await readSettings({ stateDir, config })
  const recording = await readRecording(replay)
  const record = await recordTo(given)
  const wanted = [...new Set(recording.header.peers.map(({ role }) => role as string))]
  const roles = await namedRoles(
    settings.config,
    wanted.filter((name) => ACTOR_NAMES.includes(name)),
  )
  const report = await replayRun(recording, {
    ...{ roles: [...roles.values()], stateDir: settings.stateDir, prices: settings.config.prices },
    ...(record && { record }),
  })
  const files = { replay: resolve(replay), ...(record && { recording: resolve(record.file) }) }
  if (given.json) out.line(JSON.stringify({ ...report, ...files }))
  else await showReplayed(report, { ...files, turns: recording.turns.length }, out)
  return EXIT_OF_OUTCOME[report.outcome]
}
