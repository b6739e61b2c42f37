/** One plain sentence about a span, for whoever does not know its attributes. */
import { GEN_AI, MESSAGING, SKEIN } from '../names.ts'
import { shortDuration } from '../read/duration.ts'
import type { Span } from '../span.ts'
import { sortOf } from './span-sort.ts'

export type Surroundings = {
  readonly peer: string
  /** Of a send: who took it, and after how long; undefined where nobody did. */
  readonly taken?: { readonly peer: string; readonly afterMs: number }
  /** Of a turn: who sent what it took. */
  readonly sentBy?: string
}

export function sentenceOf(span: Span, { peer, taken, sentBy }: Surroundings): string {
  const { attributes } = span
  const text = (key: string) => String(attributes[key] ?? '')
  const conversation = text(SKEIN.conversation)
  const failed = span.status?.code === 'error'
  switch (sortOf(span.name)) {
    case 'agent':
      return `The conversation ${conversation}, held by ${peer} as ${text(SKEIN.role)}. It ended ${text(SKEIN.outcome) || 'open'}.`
    case 'turn': {
      const [from, to] = [text(SKEIN.stateFrom), text(SKEIN.stateTo)]
      const states = from === to || from === '' ? `stayed ${to}` : `went from ${from} to ${to}`
      const event = text(SKEIN.event)
      const what = /^(xstate|person)\./.test(event)
        ? eventInWords(event)
        : `took ${event}${sentBy === undefined ? '' : ` from ${sentBy}`}`
      const queue = attributes[SKEIN.queueMs]
      const lay =
        typeof queue === 'number' && queue >= 1 ? ` The message had lain for ${shortDuration(queue)}.` : ''
      return `${peer} ${what} in ${conversation} and ${states}.${lay}`
    }
    case 'send': {
      const to = text(SKEIN.toConversation)
      const whom = `${text(SKEIN.toRole) || text(MESSAGING.destinationName)}${to === '' ? '' : `, for ${to}`}`
      const fate = taken
        ? ` ${taken.peer} took it ${shortDuration(Math.max(0, taken.afterMs))} later.`
        : ' Nobody took it.'
      return `${peer} sent ${text(SKEIN.event)} to ${whom}.${fate}`
    }
    case 'chat':
      return `${peer} asked ${text(GEN_AI.requestModel) || 'a model'} for ${conversation}${failed ? ', and it failed' : ''}.`
    case 'tool':
      return `${peer} used ${text(GEN_AI.toolName) || 'a tool'} for ${conversation}${failed ? ', and it failed' : ''}.`
    case 'relay':
      return `${peer} passed ${text(SKEIN.event)} on, as the topology of the run has it.`
    case 'person': {
      const decision = text(SKEIN.personDecision)
      const said =
        decision === '' ? '' : ` The decision: ${decision}, by ${text(SKEIN.personBy) || 'somebody'}.`
      const why = text(SKEIN.personKind) === 'question' ? 'to answer' : 'to approve'
      return `${peer} waited for a person ${why} ${text(GEN_AI.toolName)} in ${conversation}.${said}`
    }
    case 'takeover':
      return `${peer} took over ${conversation} from ${text(SKEIN.processBefore) || 'another process'}.`
    case 'other':
      return text(SKEIN.reason)
  }
}

/** `xstate.done.actor.chat` */
function eventInWords(event: string): string {
  if (event === 'person.passed') return 'had what a person said'
  const [, kind, , ...rest] = event.split('.')
  if (kind === 'done') return `got the result of ${rest.join('.')}`
  if (kind === 'error') return `was told that ${rest.join('.')} had failed`
  return kind === 'after' ? 'was woken by a timer' : `took ${event}`
}
