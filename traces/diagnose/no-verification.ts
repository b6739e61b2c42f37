/** A run completed with a workspace that nobody checked, as it was handed over. */
import { deliveredTree } from './delivered-tree.ts'
import type { Detector } from './finding.ts'
import { called } from './talk.ts'

export const noVerification: Detector = {
  code: 'no-verification',
  mast: 'FM-3.2',
  detect(story) {
    const delivered = deliveredTree(story)
    if (delivered === undefined || delivered.isUntouched || delivered.checks.length > 0) return []
    const { last, result } = delivered
    const checks = story.effects.filter(({ check }) => check !== undefined)
    const passed = checks.findLast(({ check }) => check === 'passed')
    const before = passed ?? checks.at(-1)
    const how =
      before === undefined
        ? 'no check was made in the whole run'
        : passed === undefined
          ? 'none of the checks before it passed, and none was made on it'
          : `the last check that passed, "${passed.name}", was made before that`
    return [
      {
        severity: 'warning',
        seen: `The run completed with a workspace that ${called(last.conversation)} changed last, with "${last.name}"; ${how}.`,
        why: 'What was handed over may not work: nobody looked.',
        advice:
          'Check the very tree that is handed over, after the last change to it, and let the result name its hash.',
        nodes: [...(before ? [before.node] : []), last.node, result.node],
      },
    ]
  },
}
