/** A run completed with a workspace that nobody checked, as it was handed over. */
import { deliveredTrees } from './delivered-tree.ts'
import type { Detector } from './finding.ts'
import { called } from './talk.ts'

export const noVerification: Detector = {
  code: 'no-verification',
  mast: 'FM-3.2',
  detect: (story) =>
    deliveredTrees(story)
      .filter(({ isUntouched, checks }) => !isUntouched && checks.length === 0)
      .map(({ last, result, checksBefore }) => {
        const passed = checksBefore.findLast(({ check }) => check === 'passed')
        const before = passed ?? checksBefore.at(-1)
        const how =
          before === undefined
            ? 'no check was made of it, nor of what it was made from'
            : passed === undefined
              ? 'none of the checks before that passed, and none was made after it'
              : `the last check that passed, "${passed.name}", was made before that`
        return {
          severity: 'warning',
          seen: `The run completed with a workspace that ${called(last.conversation)} changed last, with "${last.name}"; ${how}.`,
          why: 'What was handed over may not work: nobody looked.',
          advice:
            'Check the very tree that is handed over, after the last change to it, and let the result name its hash.',
          nodes: [...(before ? [before.node] : []), last.node, result.node],
        }
      }),
}
