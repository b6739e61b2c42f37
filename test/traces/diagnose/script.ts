/**
 * Made-up runs for detectors, told step by step in the words of docs/traces.md: who takes what, calls a model or a tool,
 * sends. Each step takes ten milliseconds; `pause` lets more go by. Digests are the texts that a test gives.
 */
import {
  chatName,
  executeToolName,
  GEN_AI,
  GEN_AI_OPERATION,
  GENERAL,
  invokeAgentName,
  invokeWorkflowName,
  MESSAGING,
  MESSAGING_OPERATION,
  RESOURCE,
  runOverName,
  SKEIN,
  sendName,
  takeoverName,
  turnName,
} from '../../../traces/names.ts'
import { spanIdOf, traceIdOf } from '../../../traces/propagation.ts'
import { type Story, storyOf } from '../../../traces/read/story.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import type { AttributeValue, Span, SpanKind } from '../../../traces/span.ts'

const START_MS = 1_772_442_900_000
const STEP_MS = 10
const RUN = 'made-up'
const traceId = traceIdOf(RUN)

type Attributes = Record<string, AttributeValue>
type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }
type Made = Writable<Span>

/** A message that was sent, for whoever takes it. */
export type Sent = {
  readonly id: string
  readonly type: string
  readonly to: string
  readonly role: string
  readonly spanId: string
}

export type Letter = {
  /** `role` alone where it is for the conversation that asked. */
  readonly to?: readonly [role: string, conversation: string]
  readonly body?: string
  readonly answers?: Sent
  readonly awaits?: boolean
  readonly slip?: readonly string[]
  readonly failure?: string
}
export type Reply = {
  readonly out?: string
  readonly peerBytes?: number
  readonly tokens?: number
  readonly error?: string
}
export type Call = {
  readonly in?: string
  readonly out?: string
  readonly before?: string
  readonly tree?: string
  readonly check?: 'passed' | 'failed'
  readonly error?: string
  readonly attempt?: number
}
export type Taking = {
  readonly as?: 'taken' | 'deferred' | 'refused' | 'late'
  readonly to?: string
  readonly attributes?: Attributes
}

/** A conversation as it goes on. */
export type Actor = {
  readonly id: string
  takes(message: Sent, taking?: Taking): Actor
  chat(reply?: Reply): Actor
  tool(name: string, call?: Call): Actor
  send(type: string, letter: Letter): Sent
  /** A delayed event of its own. */
  wakes(): Actor
  /** Its host tells it that no answer came. */
  isTold(failure: string): Actor
  /** What the last turn says besides. */
  says(attributes: Attributes): Actor
  isAdopted(process: string): Actor
  /** The end of the run closes it. */
  isClosed(): Actor
  ends(outcome: 'done' | 'failed', attributes?: Attributes): Actor
}

export type Script = {
  /** The origin, with its goal sent to a role. */
  readonly origin: Actor
  readonly goal: Sent
  opens(message: Sent, peer?: string): Actor
  pause(ms: number): void
  over(outcome: string): void
  spans(): Span[]
  story(): Story
}

export function script(role = 'planner'): Script {
  const spans: Made[] = []
  const byId = new Map<string, Made>()
  /** Conversations that somebody has: what is for them goes to a peer, all else to whoever is free. */
  const had = new Set<string>()
  let now = START_MS
  let made = 0

  function span(
    name: string,
    parent: string | undefined,
    peer: string,
    kind: SpanKind,
    attributes: Attributes,
  ): Made {
    now += STEP_MS
    const added: Made = {
      ...{ traceId, spanId: spanIdOf(`${RUN} ${made++}`), name, kind },
      ...(parent !== undefined && { parentSpanId: parent }),
      ...{ startMs: now, endMs: now + STEP_MS / 2 },
      attributes: { [SKEIN.run]: RUN, [SKEIN.peer]: peer, ...attributes },
      resource: { [RESOURCE.serviceInstanceId]: peer, [RESOURCE.hostId]: 'host', [RESOURCE.processPid]: 1 },
    }
    spans.push(added)
    byId.set(added.spanId, added)
    return added
  }

  function actor(id: string, itsRole: string, peer: string, parent: string): Actor {
    const own = span(invokeAgentName(itsRole), parent, peer, 'internal', {
      ...{ [GEN_AI.operationName]: GEN_AI_OPERATION.invokeAgent, [SKEIN.role]: itsRole },
      ...{ [SKEIN.conversation]: id, [SKEIN.outcome]: 'open' },
    })
    had.add(id)
    const whose = { [SKEIN.role]: itsRole, [SKEIN.conversation]: id }
    let number = 0
    let state = 'new'
    let turn: Made
    let process = 1
    const sent = new Map<string, number>()
    const stretch = () => {
      own.endMs = Math.max(own.endMs, now)
    }
    function takeTurn(event: string, kind: SpanKind, to: string, attributes: Attributes = {}): void {
      turn = span(turnName(event), own.spanId, peer, kind, {
        ...whose,
        ...{ [SKEIN.turn]: ++number, [SKEIN.event]: event, [SKEIN.stateFrom]: state, [SKEIN.stateTo]: to },
        ...attributes,
      })
      state = to
      stretch()
    }
    function effect(
      name: string,
      kind: SpanKind,
      invoke: string,
      error: string | undefined,
      attributes: Attributes,
    ) {
      const added = span(name, turn.spanId, peer, kind, {
        ...whose,
        ...attributes,
        ...(error !== undefined && { [GENERAL.errorType]: error }),
      })
      if (error !== undefined) added.status = { code: 'error', message: error }
      takeTurn(`xstate.${error === undefined ? 'done' : 'error'}.actor.${invoke}`, 'internal', 'working')
    }

    const self: Actor = {
      id,
      takes(message, { as = 'taken', to = as === 'taken' ? 'working' : state, attributes } = {}) {
        takeTurn(message.type, 'consumer', to, {
          [MESSAGING.messageId]: message.id,
          [SKEIN.disposition]: as,
          ...attributes,
        })
        return self
      },
      chat({ out = `reply ${made}`, peerBytes, tokens = 100, error } = {}) {
        effect(chatName('gpt-5-mini'), 'client', 'chat', error, {
          ...{ [GEN_AI.operationName]: GEN_AI_OPERATION.chat, [GEN_AI.requestModel]: 'gpt-5-mini' },
          ...(error === undefined && {
            ...{
              [SKEIN.outputDigest]: out,
              [GEN_AI.usageInputTokens]: tokens,
              [GEN_AI.usageOutputTokens]: 0,
            },
          }),
          ...(peerBytes !== undefined && { [SKEIN.promptPeerBytes]: peerBytes }),
        })
        return self
      },
      tool(
        name,
        { in: input = 'input', out = `output ${made}`, before, tree, check, error, attempt = 1 } = {},
      ) {
        effect(executeToolName(name), 'internal', 'tool', error, {
          ...{ [GEN_AI.operationName]: GEN_AI_OPERATION.executeTool, [GEN_AI.toolName]: name },
          ...{ [SKEIN.inputDigest]: input, [SKEIN.attempt]: attempt },
          ...(before !== undefined && { [SKEIN.treeBefore]: before }),
          ...(error === undefined && { [SKEIN.outputDigest]: out }),
          ...(tree !== undefined && { [SKEIN.tree]: tree }),
          ...(check !== undefined && { [SKEIN.check]: check }),
        })
        return self
      },
      send(type, { to, body = `body ${made}`, answers, awaits = false, slip = [], failure }) {
        const [toRole, toId] = to ?? addresseeOf(answers!)
        const count = (sent.get(toId) ?? 0) + 1
        sent.set(toId, count)
        const messageId = `${RUN}/${id}>${RUN}/${toId}#${count}`
        const template = `${had.has(toId) ? 'peer' : 'role'}.${toRole}`
        const { spanId } = span(sendName(template), turn.spanId, peer, 'producer', {
          ...whose,
          [MESSAGING.destinationTemplate]: template,
          ...{ [MESSAGING.operationName]: MESSAGING_OPERATION.send, [MESSAGING.messageId]: messageId },
          ...{ [SKEIN.event]: type, [SKEIN.toRole]: toRole, [SKEIN.toConversation]: toId },
          ...{ [SKEIN.bodyDigest]: body, [SKEIN.deadline]: now + 60_000 },
          ...(answers !== undefined && { [MESSAGING.messageConversationId]: answers.id }),
          ...(awaits && { [SKEIN.awaits]: true }),
          ...(slip.length > 0 && { [SKEIN.slip]: slip }),
          ...(failure !== undefined && { [SKEIN.failure]: failure }),
        })
        stretch()
        return { id: messageId, type, to: toId, role: toRole, spanId }
      },
      wakes() {
        takeTurn(`xstate.after.1000.${itsRole}.waiting`, 'internal', 'working')
        return self
      },
      isTold(failure) {
        takeTurn('failure', 'internal', 'working', { [SKEIN.failure]: failure })
        return self
      },
      says(attributes) {
        turn.attributes = { ...turn.attributes, ...attributes }
        return self
      },
      isAdopted(before) {
        const takeover = span(takeoverName(itsRole), own.spanId, peer, 'internal', {
          ...whose,
          ...{ [SKEIN.epochBefore]: 1, [SKEIN.processBefore]: before },
        })
        takeover.resource = { ...takeover.resource, [RESOURCE.processPid]: ++process }
        stretch()
        return self
      },
      isClosed() {
        takeTurn('ended', 'internal', 'failed')
        return self.ends('failed', { [GENERAL.errorType]: 'run.ended' })
      },
      ends(outcome, attributes = {}) {
        own.attributes = { ...own.attributes, [SKEIN.outcome]: outcome, ...attributes }
        turn.attributes = { ...turn.attributes, [SKEIN.stateTo]: outcome }
        state = outcome
        return self
      },
    }
    return self
  }

  /** Who sent it, as the sender of an answer has it. */
  function addresseeOf({ spanId }: Sent): [string, string] {
    const { attributes } = byId.get(spanId)!
    return [String(attributes[SKEIN.role]), String(attributes[SKEIN.conversation])]
  }

  const root = span(invokeWorkflowName('mesh'), undefined, 'origin', 'internal', {
    [GEN_AI.operationName]: GEN_AI_OPERATION.invokeWorkflow,
  })
  const origin = actor('origin', 'origin', 'origin', root.spanId)
  origin.takes({ id: 'submit', type: 'run.start', to: 'origin', role: 'origin', spanId: '' })
  const goal = origin.send('run.goal', { to: [role, 'goal'], awaits: true })

  return {
    origin,
    goal,
    opens: (message, peer = `${message.role}-1`) =>
      actor(message.to, message.role, peer, message.spanId).takes(message),
    pause(ms) {
      now += ms
    },
    over(outcome) {
      span(runOverName(outcome), root.spanId, 'origin', 'internal', { [SKEIN.outcome]: outcome })
    },
    spans: () => [...spans],
    story: () => storyOf(traceTree(spans)),
  }
}
