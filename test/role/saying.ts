/** The scripted model of the kit, for tests of one agent whose model says the same from some call on. */
import { ModelError } from '../../src/model/model.ts'
import { type ScriptedModel, type ScriptedReply, scriptedModel } from '../../src/testing/index.ts'

export type Line = ScriptedReply | ModelError

/** @param lines one for each call; the last one is said again for as long as it is asked */
export function saying(...lines: readonly Line[]): ScriptedModel {
  return scriptedModel((_, number) => {
    const line = lines[Math.min(number, lines.length) - 1] ?? {}
    if (line instanceof ModelError) throw line
    return line
  })
}
