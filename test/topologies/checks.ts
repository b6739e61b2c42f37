/** What a run under a topology promises, checked on its report and its trace; each breach is a sentence. */
import { ORIGIN_ROLE } from '../../src/run/origin-address.ts'
import { HUB_ROLE } from '../../src/topology/shapes/star.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { SKEIN } from '../../traces/names.ts'
import type { Message, Turn } from '../../traces/read/story.ts'
import { hopsIn, isFromBoard, strayHops, talkIn } from './hops.ts'
import { graphIn, type WiredRun } from './wired-run.ts'

/** Breaches of one kind that are named. */
const NAMED = 3

/**
 * What is wrong, a sentence each; none where all holds.
 * @param patch what the same job came to under mesh, where it is known
 */
export function breachesOf(run: WiredRun, topology: Topology, patch: string | undefined): readonly string[] {
  const { report, story, flaws } = run
  return [
    ...(report.outcome === 'completed' ? [] : [`it is ${report.outcome}: ${report.reason}`]),
    ...(patch === undefined || run.patch === patch ? [] : ['its patch is another than under mesh']),
    ...flaws,
    ...talks(run, topology),
    ...many(
      strayHops(hopsIn(story), graphIn(topology, report)),
      'along no edge',
      ({ message, from, to }) => `${message.type} from ${from} to ${to}`,
    ),
    ...many(
      story.turns.filter(({ node }) => Number(node.span.attributes[SKEIN.barred] ?? 0) > 0),
      'of which something was barred',
      ({ event, peer }) => `turn ${event} of ${peer}`,
    ),
    ...(topology.wiring === 'hub' ? pastTheHub(talkIn(story)) : []),
    ...(topology.wiring === 'solo' ? byOthers(story.turns) : []),
    ...(topology.placement === 'blackboard' ? pastTheBoard(talkIn(story)) : []),
  ]
}

/** A check of edges that sees no message would hold of anything. */
const talks = ({ story }: WiredRun, { wiring }: Topology): string[] =>
  wiring === 'solo' || talkIn(story).some(({ taker }) => taker !== undefined)
    ? []
    : ['its agents said nothing to each other']

/** The hub hands out every task and reads every result. */
function pastTheHub(talk: readonly Message[]): string[] {
  const isHub = (turn: Turn | undefined) => turn?.conversation.role === HUB_ROLE
  const requests = talk.filter(({ type }) => type === 'task.request')
  const results = talk.filter(({ type }) => type === 'task.result')
  return [
    ...(requests.length > 0 && results.length > 0 ? [] : ['no task was handed out, or none was done']),
    ...many(
      requests.filter(({ sender }) => !isHub(sender)),
      'not from the hub',
      wayOf,
    ),
    ...many(
      results.filter(({ sender, taker }) => !isHub(sender) && !isHub(taker)),
      'that the hub did not read',
      wayOf,
    ),
  ]
}

/** Whatever begins a piece of work lies on the board. */
const pastTheBoard = (talk: readonly Message[]): string[] =>
  many(
    talk.filter((message) => message.type === 'task.request' && !isFromBoard(message)),
    'not on the board',
    wayOf,
  )

function byOthers(turns: readonly Turn[]): string[] {
  const workers = new Set(
    turns.filter(({ conversation }) => conversation.role !== ORIGIN_ROLE).map(({ peer }) => peer),
  )
  return workers.size === 1 ? [] : [`${workers.size} peers worked: ${[...workers].join(', ')}`]
}

const wayOf = ({ type, fromPeer, taker }: Message): string =>
  `${type} from ${fromPeer} to ${taker?.peer ?? 'nobody'}`

function many<T>(breaches: readonly T[], what: string, tell: (one: T) => string): string[] {
  if (breaches.length === 0) return []
  const named = breaches.slice(0, NAMED).map(tell).join('; ')
  return [`${breaches.length} ${what}: ${named}${breaches.length > NAMED ? '; …' : ''}`]
}
