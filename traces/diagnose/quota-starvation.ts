/** Calls and messages that the run's quota refused, and who had spent it. */
import type { Conversation, Effect, Message, Story, Turn } from '../read/story.ts'
import type { Detector, Sighting } from './finding.ts'
import { listed } from './talk.ts'

const EXHAUSTED = 'quota.exhausted'

export const quotaStarvation: Detector = {
  code: 'quota-starvation',
  mast: undefined,
  detect(story) {
    const calls = story.effects.filter(({ error }) => error === EXHAUSTED)
    const turns = story.turns.filter(({ limit }) => limit === 'messages')
    const severity = story.over?.outcome === 'completed' ? 'warning' : 'error'
    return [
      ...(calls.length > 0 ? [refusedCalls(calls, story, severity)] : []),
      ...(turns.length > 0 ? [refusedMessages(turns, story, severity)] : []),
    ]
  },
}

const WHY =
  'Who comes last gets nothing, however important its part is; the work of the others may be in vain with it.'

function refusedCalls(calls: readonly Effect[], story: Story, severity: Sighting['severity']): Sighting {
  const tokensOf = ({ inputTokens, outputTokens }: Effect) => inputTokens + outputTokens
  const spent = shares(story.effects.map((effect) => [effect.conversation, tokensOf(effect)]))
  const most = spent[0]
  const refused = new Set(calls.map(({ conversation }) => conversation))
  const big =
    most && story.effects.filter((one) => one.conversation === most.conversation && tokensOf(one) > 0)
  return {
    severity,
    seen: `${calls.length === 1 ? 'A call' : `${calls.length} calls`} to a model, by ${listed([...refused].map(nameOf))}, had no quota left${spenders(spent, 'tokens')}.`,
    why: WHY,
    advice:
      'Grant the run more, cap what one conversation may spend, or have the spender come to an end earlier.',
    nodes: [...calls.map(({ node }) => node), ...(big ?? []).slice(-1).map(({ node }) => node)],
  }
}

function refusedMessages(turns: readonly Turn[], story: Story, severity: Sighting['severity']): Sighting {
  const sent = story.messages.filter(
    (message): message is Message & { sender: Turn } => message.sender !== undefined,
  )
  const spent = shares(sent.map(({ sender }) => [sender.conversation, 1]))
  return {
    severity,
    seen: `${listed(turns.map(({ conversation }) => nameOf(conversation)))} could not send, since the run had no messages left${spenders(spent, 'messages')}.`,
    why: WHY,
    advice: 'Grant the run more messages, or see who sends so many: "skein trace --sequence" shows them.',
    nodes: turns.map(({ node }) => node),
  }
}

const nameOf = ({ role, id }: Conversation): string => `${role} "${id}"`

type Share = { readonly conversation: Conversation; readonly share: number }

/** Who has how much of the whole, the largest first; none where nothing was spent. */
function shares(amounts: readonly (readonly [Conversation, number])[]): readonly Share[] {
  const by = new Map<Conversation, number>()
  let all = 0
  for (const [conversation, amount] of amounts) {
    by.set(conversation, (by.get(conversation) ?? 0) + amount)
    all += amount
  }
  if (all === 0) return []
  return [...by]
    .map(([conversation, amount]) => ({ conversation, share: amount / all }))
    .sort((a, b) => b.share - a.share)
}

/** Those that are worth naming: a tenth or more. */
function spenders(spent: readonly Share[], what: string): string {
  const named = spent.filter(({ share }) => share >= 0.1).slice(0, 3)
  const texts = named.map(({ conversation, share }) => `${nameOf(conversation)} ${Math.round(share * 100)} %`)
  return texts.length === 0 ? '' : `; of the ${what}, ${listed(texts)}`
}
