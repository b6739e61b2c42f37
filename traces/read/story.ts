/**
 * What happened in a run, told from the nodes of its tree: conversations with their turns and effects, and messages
 * with who sent them and who took them. Views and detectors read this, not attributes.
 *
 * All times are those of the nodes: milliseconds, moved so that nothing precedes its cause. Longer than most files,
 * since what is told stands beside the telling, an attribute a line.
 */
import { GEN_AI, GEN_AI_OPERATION, GENERAL, LINK, MESSAGING, MESSAGING_OPERATION, SKEIN } from '../names.ts'
import type { AttributeValue } from '../span.ts'
import { peerOf } from './detail.ts'
import { nodesOf, type TraceNode, type TraceTree } from './tree.ts'

export type Story = {
  readonly run: string | undefined
  /** The run's submission, where the trace has it. */
  readonly submitted: TraceNode | undefined
  /** From the first span's start to the last one's end. */
  readonly startMs: number
  readonly endMs: number
  /** The end that was announced; undefined of a run under way. */
  readonly over: { readonly node: TraceNode; readonly outcome: string; readonly reason?: string } | undefined
  /** In the order in which they began. So are turns, effects and messages. */
  readonly conversations: readonly Conversation[]
  readonly turns: readonly Turn[]
  readonly effects: readonly Effect[]
  readonly takeovers: readonly Takeover[]
  readonly messages: readonly Message[]
}

export type Conversation = {
  readonly id: string
  readonly role: string
  /** Who hosted it, in that order; one peer after another where it was parked or adopted. */
  readonly peers: readonly string[]
  readonly node: TraceNode
  /** `done`, `failed`, `open`. */
  readonly outcome: string
  /** `error.type`, where it failed; `run.ended` where the end of its run closed it. */
  readonly error: string | undefined
  readonly turns: readonly Turn[]
  readonly effects: readonly Effect[]
  readonly takeovers: readonly Takeover[]
}

export type Turn = {
  readonly node: TraceNode
  readonly conversation: Conversation
  readonly peer: string
  readonly number: number
  readonly event: string
  readonly from: string
  readonly to: string
  /** The message that it took; undefined for an outcome, a timer, and a message whose sending is not in the trace. */
  readonly message: Message | undefined
  /** Between the sending of what it took and itself, by two clocks; known also where the sending is not in the trace. */
  readonly queueMs: number | undefined
  /** Name of the effect whose outcome it took, `<turn>.<position>`, where it is said. */
  readonly outcomeOf: string | undefined
  /** Of a failure of its host's own: the message that was not answered, where it is said. */
  readonly about: string | undefined
  /** Kind of the failure that it took or told. */
  readonly failure: string | undefined
  readonly disposition: string | undefined
  /** Messages that the conversation keeps for a later state, and those that it ended without. */
  readonly deferred: number
  readonly unheard: number
  /** The limit that kept it from sending something, `hops` or `messages`. */
  readonly limit: string | undefined
  readonly sends: readonly Message[]
  /** What it asked of the world. */
  readonly effects: readonly Effect[]
}

export type Message = {
  readonly node: TraceNode
  readonly id: string
  readonly type: string
  /** The turn that sent it; undefined where that is not in the trace. */
  readonly sender: Turn | undefined
  readonly fromPeer: string
  readonly toRole: string
  /** It went to the mailbox of the role, for whoever is free; else to the peer that has the conversation. */
  readonly isForAny: boolean
  readonly toConversation: string | undefined
  /** The message that it answers. */
  readonly answers: string | undefined
  /** Its sender waits for an answer. */
  readonly awaits: boolean
  /** Conversations that its answer goes to, where that is not the sender's. */
  readonly slip: readonly string[]
  /** Peers that passed it on, in the order of its way; none where it went straight. */
  readonly relays: readonly { readonly peer: string; readonly node: TraceNode }[]
  readonly failure: string | undefined
  /** Equal where two messages say the same; undefined in traces that do not say. */
  readonly bodyDigest: string | undefined
  readonly sentMs: number
  /** Milliseconds since 1970, by the clocks of the run. */
  readonly deadlineMs: number | undefined
  /** The turn that took it; undefined where nobody has. */
  readonly taker: Turn | undefined
}

export type Effect = {
  readonly node: TraceNode
  /** `person`: it only waited for one. */
  readonly kind: 'chat' | 'tool' | 'person' | 'other'
  /** `gpt-5-mini`, `run_tests` */
  readonly name: string
  /** Within its conversation, `<turn>.<position>`; undefined in traces that do not say. */
  readonly id: string | undefined
  readonly conversation: Conversation
  /** The turn that asked for it. */
  readonly turn: Turn
  readonly peer: string
  readonly attempt: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** UTF-8 bytes of its prompt, and those of them that other agents wrote; undefined where it is not said. */
  readonly promptBytes: number | undefined
  readonly promptPeerBytes: number | undefined
  /** Equal where two effects got, or gave, the same; undefined where it is not said. */
  readonly inputDigest: string | undefined
  readonly outputDigest: string | undefined
  /** Hash of the workspace that a tool started from, and of the one that it left, where that is another. */
  readonly treeBefore: string | undefined
  readonly tree: string | undefined
  /** Of a tool that verifies something: `passed` or `failed`. */
  readonly check: string | undefined
  /** `error.type`, where it failed. */
  readonly error: string | undefined
}

export type Takeover = {
  readonly node: TraceNode
  readonly conversation: Conversation
  readonly peer: string
  /** The process that was at it before, `<host>/<pid>`. */
  readonly processBefore: string
}

type Writable<Type> = {
  -readonly [Key in keyof Type]: Type[Key] extends readonly (infer Item)[] ? Item[] : Type[Key]
}

/** Reads a story off a tree. Spans that are not skein's are left out; what is missing of a run is left undefined. */
export function storyOf(tree: TraceTree): Story {
  const nodes = [...nodesOf(tree.roots)]
  const above = new Map<TraceNode, TraceNode>()
  for (const node of nodes) for (const child of node.children) above.set(child, node)
  const conversations = new Map<TraceNode, Writable<Conversation>>()
  const turns = new Map<TraceNode, Writable<Turn>>()
  const effects: Effect[] = []
  const takeovers: Takeover[] = []
  const messages = new Map<string, Writable<Message>>()
  let submitted: TraceNode | undefined
  let over: Story['over']

  for (const node of nodes) {
    const { name, attributes } = node.span
    const text = (key: string) => textOf(attributes[key])
    const operation = text(GEN_AI.operationName)
    const parent = above.get(node)
    const peer = peerOf(node.span)
    if (operation === GEN_AI_OPERATION.invokeAgent) {
      conversations.set(node, {
        id: text(SKEIN.conversation) ?? '',
        role: text(SKEIN.role) ?? text(GEN_AI.agentName) ?? '',
        peers: [],
        node,
        outcome: text(SKEIN.outcome) ?? 'open',
        turns: [],
        effects: [],
        takeovers: [],
        error: text(GENERAL.errorType),
      })
    } else if (operation === GEN_AI_OPERATION.invokeWorkflow) {
      submitted ??= node
    } else if (name.startsWith('run ') && attributes[SKEIN.outcome] !== undefined) {
      const reason = text(SKEIN.reason)
      over = { node, outcome: text(SKEIN.outcome)!, ...(reason !== undefined && { reason }) }
    } else if (attributes[SKEIN.turn] !== undefined && attributes[SKEIN.event] !== undefined) {
      const conversation = parent && conversations.get(parent)
      if (conversation === undefined) continue
      const turn: Writable<Turn> = {
        node,
        conversation,
        peer,
        number: numberOf(attributes[SKEIN.turn]),
        event: text(SKEIN.event)!,
        from: text(SKEIN.stateFrom) ?? '',
        to: text(SKEIN.stateTo) ?? '',
        queueMs: knownNumber(attributes[SKEIN.queueMs]),
        outcomeOf: text(SKEIN.effect),
        message: undefined,
        about:
          attributes[MESSAGING.messageId] === undefined ? text(MESSAGING.messageConversationId) : undefined,
        failure: text(SKEIN.failure),
        disposition: text(SKEIN.disposition),
        sends: [],
        effects: [],
        deferred: numberOf(attributes[SKEIN.deferred]),
        unheard: numberOf(attributes[SKEIN.unheard]),
        limit: text(SKEIN.limit),
      }
      turns.set(node, turn)
      conversation.turns.push(turn)
      if (conversation.peers.at(-1) !== peer) conversation.peers.push(peer)
    } else if (text(MESSAGING.operationName) === MESSAGING_OPERATION.send) {
      const sender = parent && turns.get(parent)
      const message: Writable<Message> = {
        node,
        id: text(MESSAGING.messageId) ?? '',
        type: text(SKEIN.event) ?? '',
        sender,
        fromPeer: peer,
        toRole: text(SKEIN.toRole) ?? roleIn(text(MESSAGING.destinationTemplate)),
        isForAny: text(MESSAGING.destinationTemplate)?.startsWith('role.') ?? false,
        toConversation: text(SKEIN.toConversation),
        answers: text(MESSAGING.messageConversationId),
        awaits: attributes[SKEIN.awaits] === true,
        failure: text(SKEIN.failure),
        sentMs: node.startMs,
        taker: undefined,
        slip: textsOf(attributes[SKEIN.slip]),
        relays: [],
        bodyDigest: text(SKEIN.bodyDigest),
        deadlineMs: knownNumber(attributes[SKEIN.deadline]),
      }
      messages.set(message.id, message)
      sender?.sends.push(message)
    } else if (attributes[SKEIN.relay] !== undefined) {
      messages.get(text(MESSAGING.messageId) ?? '')?.relays.push({ peer, node })
    } else if (attributes[SKEIN.processBefore] !== undefined) {
      const conversation = parent && conversations.get(parent)
      if (conversation === undefined) continue
      const takeover = { node, conversation, peer, processBefore: text(SKEIN.processBefore) ?? '' }
      takeovers.push(takeover)
      conversation.takeovers.push(takeover)
    } else {
      const turn = parent && turns.get(parent)
      const conversation = turn?.conversation as Writable<Conversation> | undefined
      if (turn === undefined || conversation === undefined) continue
      const kind = kindOf(operation, attributes[SKEIN.personKind] !== undefined)
      const effect: Effect = {
        node,
        kind,
        conversation,
        turn,
        peer,
        error: text(GENERAL.errorType),
        name: text(GEN_AI.requestModel) ?? text(GEN_AI.toolName) ?? name,
        id: text(SKEIN.effect),
        attempt: numberOf(attributes[SKEIN.attempt] ?? 1),
        inputTokens: numberOf(attributes[GEN_AI.usageInputTokens]),
        outputTokens: numberOf(attributes[GEN_AI.usageOutputTokens]),
        promptBytes: knownNumber(attributes[SKEIN.promptBytes]),
        promptPeerBytes: knownNumber(attributes[SKEIN.promptPeerBytes]),
        inputDigest: text(SKEIN.inputDigest),
        outputDigest: text(SKEIN.outputDigest),
        treeBefore: text(SKEIN.treeBefore),
        tree: text(SKEIN.tree),
        check: text(SKEIN.check),
      }
      effects.push(effect)
      conversation.effects.push(effect)
      turn.effects.push(effect)
    }
  }

  for (const turn of turns.values()) {
    const id = textOf(turn.node.span.attributes[MESSAGING.messageId])
    const message = id === undefined ? undefined : messages.get(id)
    if (message === undefined) continue
    turn.message = message
    message.taker ??= turn
  }
  for (const { relays } of messages.values()) relays.sort((a, b) => relayOf(a.node) - relayOf(b.node)) // their clocks may say otherwise
  for (const conversation of conversations.values()) {
    conversation.turns.sort((a, b) => a.number - b.number)
    conversation.effects.sort(byStart)
  }
  const run = nodes.map(({ span }) => textOf(span.attributes[SKEIN.run])).find((run) => run !== undefined)
  return {
    run,
    submitted,
    startMs: nodes.reduce((least, { startMs }) => Math.min(least, startMs), Number.POSITIVE_INFINITY),
    endMs: nodes.reduce((most, { endMs }) => Math.max(most, endMs), Number.NEGATIVE_INFINITY),
    over,
    conversations: [...conversations.values()].sort(byStart),
    turns: [...turns.values()].sort(byStart),
    effects: effects.sort(byStart),
    takeovers: takeovers.sort(byStart),
    messages: [...messages.values()].sort(byStart),
  }
}

/** Why a span is linked to another: one of `LINK`; a message where nothing is said. */
export const linkKind = (attributes: Readonly<Record<string, AttributeValue>> = {}): string =>
  textOf(attributes[SKEIN.link]) ?? LINK.message

/** An effect never before its cause, also where both begin in the same moment. */
export const byStart = (a: { node: TraceNode }, b: { node: TraceNode }): number =>
  a.node.startMs - b.node.startMs || a.node.rank - b.node.rank

function kindOf(operation: string | undefined, isWait: boolean): Effect['kind'] {
  if (isWait) return 'person'
  if (operation === GEN_AI_OPERATION.chat) return 'chat'
  return operation === GEN_AI_OPERATION.executeTool ? 'tool' : 'other'
}

/** `role.coder`, `peer.coder`, `desk.coder` */
const roleIn = (template: string | undefined): string => template?.replace(/^(role|peer|desk)\./, '') ?? ''

const textOf = (value: AttributeValue | undefined): string | undefined =>
  value === undefined ? undefined : String(value)

const textsOf = (value: AttributeValue | undefined): string[] => (typeof value === 'object' ? [...value] : [])

const knownNumber = (value: AttributeValue | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined

const relayOf = ({ span }: TraceNode): number => numberOf(span.attributes[SKEIN.relay])

const numberOf = (value: AttributeValue | undefined): number => knownNumber(value) ?? 0
