/** A process was gone in the middle of work: who went on with it, and what was given up. */
import { RESOURCE } from '../names.ts'
import { shortDuration } from '../read/duration.ts'
import type { Effect, Story, Takeover, Turn } from '../read/story.ts'
import type { Detector, Sighting } from './finding.ts'
import { called, listed, originOf } from './talk.ts'

export const peerDied: Detector = {
  code: 'peer-died',
  mast: undefined,
  detect: (story) => [...adopted(story), ...givenUp(story)],
}

function adopted(story: Story): Sighting[] {
  const origin = originOf(story)
  const byProcess = new Map<string, Takeover[]>()
  for (const takeover of story.takeovers) {
    const { processBefore } = takeover
    // A process that takes over from itself had only lost the answer to a write.
    if (processBefore === processOf(takeover)) continue
    byProcess.set(processBefore, [...(byProcess.get(processBefore) ?? []), takeover])
  }
  return [...byProcess].flatMap(([process, takeovers]) => {
    const again = story.effects.filter(
      ({ attempt, conversation }) =>
        attempt > 1 && takeovers.some((one) => one.conversation === conversation),
    )
    // It moves whenever who started the run leaves it to the peers, and has nothing under way but its accounts.
    if (again.length === 0 && takeovers.every(({ conversation }) => conversation === origin)) return []
    const stood = Math.max(...takeovers.map(stoodStillMs))
    const count = takeovers.length === 1 ? 'a conversation' : `${takeovers.length} conversations`
    const redone =
      again.length === 0 ? '' : `; ${listed(again.map(({ name }) => name))} had to be started again`
    return {
      severity: 'note' as const,
      seen: `Process ${process} was gone, and ${listed(takeovers.map(({ peer }) => peer))} went on with ${count} in another one, after up to ${shortDuration(stood)}${redone}.`,
      why: 'Nothing of it is lost, and it took that long; what was under way may have been paid for twice.',
      advice:
        'If it was not stopped on purpose, look for its end in its log; many of these in one run are worth a look at its memory.',
      nodes: [...takeovers.map(({ node }) => node), ...again.map(({ node }) => node)],
    }
  })
}

const processOf = ({ node }: Takeover): string => {
  const { resource } = node.span
  return `${resource[RESOURCE.hostId]}/${resource[RESOURCE.processPid]}`
}

/** From the last that the process before did in the conversation to the takeover. */
function stoodStillMs({ node, conversation }: Takeover): number {
  const last = [...conversation.turns, ...conversation.takeovers]
    .map((one) => one.node)
    .filter((other) => other !== node && other.startMs <= node.startMs)
    .reduce((most, { endMs }) => Math.max(most, endMs), Number.NEGATIVE_INFINITY)
  return Number.isFinite(last) ? Math.max(0, node.startMs - last) : 0
}

/** What must not be run again, and what processes kept dying over. */
function givenUp({ effects, turns }: Story): Sighting[] {
  const died = [
    ...effects.filter(({ error }) => error === 'effect.died'),
    ...turns.filter((turn) => turn.failure === 'died' && turn.message?.failure === undefined),
  ]
  if (died.length === 0) return []
  const names = died.map((one) => `"${isEffect(one) ? one.name : one.event}"`)
  return [
    {
      severity: 'error',
      seen: `${listed(names)} was given up, since processes died over it: ${listed(died.map(({ conversation }) => called(conversation)))}.`,
      why: 'It could not be made again, or broke whoever tried, so who asked for it got a failure instead.',
      advice:
        'Run it by itself and see what it does to its process: memory, native code, an exit; "skein dead" lists buried messages.',
      nodes: died.map(({ node }) => node),
    },
  ]
}

const isEffect = (one: Effect | Turn): one is Effect => 'kind' in one
