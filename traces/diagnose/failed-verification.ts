/** A run completed though the last check of its result had failed. */
import type { Effect, Story } from '../read/story.ts'
import { type Delivered, deliveredTrees } from './delivered-tree.ts'
import type { Detector, Sighting } from './finding.ts'
import { called, isFailure } from './talk.ts'

export const failedVerification: Detector = {
  code: 'failed-verification',
  mast: 'FM-3.3',
  detect(story) {
    const delivered = deliveredTrees(story)
    return delivered.length === 0 ? withoutTree(story) : delivered.flatMap(onTree)
  },
}

function onTree({ checks, result }: Delivered): Sighting[] {
  const last = checks.at(-1)
  if (last?.check === 'failed')
    return [
      sightingOf(
        'error',
        `The run completed, and the last check of what it handed over, "${last.name}" by ${called(last.conversation)}, had failed.`,
        [last.node, result.node],
      ),
    ]
  // Of each check its last verdict: one that failed and was never made again may have been too wide, or too true.
  const lasts = new Map(checks.map((check) => [`${check.name} ${check.inputDigest}`, check]))
  const failed = [...lasts.values()].filter(({ check }) => check === 'failed')
  if (last === undefined || failed.length === 0) return []
  return [
    sightingOf(
      'note',
      `The run completed on a check that passed, and another one of the same tree, "${failed[0]!.name}" by ${called(failed[0]!.conversation)}, had failed and was not made again.`,
      [...failed.map(({ node }) => node), last.node, result.node],
    ),
  ]
}

/** Where there is no workspace, each conversation's own checks are of what it answers. */
function withoutTree(story: Story): Sighting[] {
  const hasTree = ({ tree, treeBefore }: Effect) => (tree ?? treeBefore) !== undefined
  if (story.over?.outcome !== 'completed' || story.effects.some(hasTree)) return []
  return story.conversations.flatMap(({ turns, effects }) => {
    const last = effects.findLast(({ check }) => check !== undefined)
    const answer = turns
      .flatMap(({ sends }) => sends)
      .findLast((sent) => sent.answers !== undefined && !isFailure(sent))
    if (last?.check !== 'failed' || answer === undefined || answer.sentMs < last.node.startMs) return []
    return [
      sightingOf(
        'error',
        `${called(last.conversation)} gave its answer though its last check, "${last.name}", had failed, and the run completed.`,
        [last.node, answer.node],
      ),
    ]
  })
}

const sightingOf = (severity: Sighting['severity'], seen: string, nodes: Sighting['nodes']): Sighting => ({
  severity,
  seen,
  why: 'Who hears "completed" takes the result for good.',
  advice:
    'Let the machine that answers decide by the verdict of the check, not by what a model says of it, and answer with a failure or send the work back.',
  nodes,
})
