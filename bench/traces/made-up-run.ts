/**
 * A run as large as one likes, in the shape in which skein traces one and with everything in it that is hard on a
 * reader: a third of its spans are tasks that one turn sent all at once (wide), a third a chain in which each task
 * sends the next (deep), a third one conversation that asks its model again and again (long). Always the same for
 * the same size.
 */
import {
  chatName,
  executeToolName,
  GEN_AI,
  GEN_AI_OPERATION,
  invokeAgentName,
  invokeWorkflowName,
  MESSAGING,
  MESSAGING_OPERATION,
  RESOURCE,
  runOverName,
  SKEIN,
  sendName,
  turnName,
} from '../../traces/names.ts'
import { spanIdOf, traceIdOf } from '../../traces/propagation.ts'
import type { AttributeValue, Span, SpanKind } from '../../traces/span.ts'

const RUN = 'made-up'
/** 2026-03-02, 09:15:00 UTC */
const START_MS = 1_772_442_900_000
const PEERS = 12
/** Of a task that thinks twice: itself, four turns, three effects, a send. */
const SPANS_OF_TASK = 9

type Sent = { readonly spanId: string; readonly id: string; readonly atMs: number }

type Conversation = {
  readonly id: string
  readonly role: string
  readonly peer: string
  readonly spanId: string
  turns: number
  sends: number
  atMs: number
}

/** @param size in spans, 50 or more; the run has that many, give or take the last task */
export function madeUpRun(size: number): Span[] {
  const spans: Span[] = []
  const traceId = traceIdOf(RUN)
  let made = 0

  function add(
    whose: { peer: string },
    span: Pick<Span, 'name' | 'startMs' | 'endMs' | 'attributes'> & Partial<Span> & { kind: SpanKind },
  ): string {
    const spanId = span.spanId ?? spanIdOf(`${RUN} ${made++}`)
    spans.push({
      traceId,
      ...span,
      spanId,
      attributes: { [SKEIN.run]: RUN, [SKEIN.peer]: whose.peer, ...span.attributes },
      resource: {
        [RESOURCE.serviceName]: 'skein',
        [RESOURCE.serviceInstanceId]: whose.peer,
        [RESOURCE.hostId]: 'made-up-host',
      },
    })
    return spanId
  }

  const whose = ({ id, role }: Conversation): Record<string, AttributeValue> => ({
    [SKEIN.role]: role,
    [SKEIN.conversation]: id,
  })

  function turn(conversation: Conversation, event: string, to: string, took?: Sent): string {
    const { atMs } = conversation
    conversation.turns++
    conversation.atMs += 3
    return add(conversation, {
      parentSpanId: conversation.spanId,
      name: turnName(event),
      kind: took === undefined ? 'internal' : 'consumer',
      startMs: atMs,
      endMs: atMs + 3,
      attributes: {
        ...whose(conversation),
        [SKEIN.turn]: conversation.turns,
        [SKEIN.event]: event,
        [SKEIN.stateFrom]: conversation.turns === 1 ? 'new' : 'working',
        [SKEIN.stateTo]: to,
        ...(took && { [MESSAGING.messageId]: took.id, [SKEIN.queueMs]: atMs - took.atMs }),
      },
      ...(took && { links: [{ traceId, spanId: took.spanId }] }),
    })
  }

  function send(
    conversation: Conversation,
    turn: string,
    to: { id: string; role: string },
    type: string,
  ): Sent {
    const id = `${RUN}/${conversation.id}>${RUN}/${to.id}#${++conversation.sends}`
    const spanId = add(conversation, {
      parentSpanId: turn,
      name: sendName(`role.${to.role}`),
      kind: 'producer',
      startMs: conversation.atMs,
      endMs: conversation.atMs,
      attributes: {
        ...whose(conversation),
        [MESSAGING.operationName]: MESSAGING_OPERATION.send,
        [MESSAGING.destinationTemplate]: `role.${to.role}`,
        [MESSAGING.messageId]: id,
        [SKEIN.event]: type,
        [SKEIN.toRole]: to.role,
        [SKEIN.toConversation]: to.id,
      },
    })
    return { spanId, id, atMs: conversation.atMs }
  }

  /** @returns the event of its outcome */
  function effect(conversation: Conversation, turn: string, kind: 'chat' | 'tool'): string {
    const startMs = conversation.atMs + 2
    conversation.atMs = startMs + (kind === 'chat' ? 40 : 15) + (made % 17)
    const chat = {
      [GEN_AI.operationName]: GEN_AI_OPERATION.chat,
      [GEN_AI.requestModel]: 'gpt-5-mini',
      [GEN_AI.usageInputTokens]: 1_000 + (made % 997),
      [GEN_AI.usageOutputTokens]: 100 + (made % 89),
      [SKEIN.promptBytes]: 4_000,
      [SKEIN.promptPeerBytes]: 1_500,
    }
    const tool = { [GEN_AI.operationName]: GEN_AI_OPERATION.executeTool, [GEN_AI.toolName]: 'read_file' }
    const failed = made % 211 === 0
    add(conversation, {
      parentSpanId: turn,
      name: kind === 'chat' ? chatName('gpt-5-mini') : executeToolName('read_file'),
      kind: kind === 'chat' ? 'client' : 'internal',
      startMs,
      endMs: conversation.atMs,
      attributes: { ...whose(conversation), [SKEIN.attempt]: 1, ...(kind === 'chat' ? chat : tool) },
      ...(failed && { status: { code: 'error', message: 'no such file' } }),
    })
    return `xstate.${failed ? 'error' : 'done'}.actor.${kind}`
  }

  const open = (id: string, role: string, peer: string, atMs: number): Conversation => ({
    ...{ id, role, peer, spanId: spanIdOf(`${RUN} conversation ${id}`), turns: 0, sends: 0, atMs },
  })

  function close(conversation: Conversation, startMs: number, parentSpanId: string): void {
    const { spanId, role, atMs } = conversation
    add(conversation, {
      spanId,
      parentSpanId,
      name: invokeAgentName(role),
      kind: 'internal',
      startMs,
      endMs: atMs,
      attributes: {
        ...whose(conversation),
        [GEN_AI.operationName]: GEN_AI_OPERATION.invokeAgent,
        [SKEIN.outcome]: 'done',
      },
    })
  }

  /** Thinks, reads, thinks, answers; gives the answer. */
  function task(id: string, opening: Sent, peer: string, to: { id: string; role: string }): Sent {
    const conversation = open(id, 'coder', peer, Math.max(opening.atMs, freeAt.get(peer) ?? 0) + 4)
    const startMs = conversation.atMs
    const idea = effect(conversation, turn(conversation, 'task.request', 'thinking', opening), 'chat')
    const read = effect(conversation, turn(conversation, idea, 'acting'), 'tool')
    const done = effect(conversation, turn(conversation, read, 'thinking'), 'chat')
    const answer = send(conversation, turn(conversation, done, 'done'), to, 'task.result')
    freeAt.set(peer, conversation.atMs)
    close(conversation, startMs, opening.spanId)
    return answer
  }

  const freeAt = new Map<string, number>()
  const peerOf = (index: number) => `coder-${1 + (index % PEERS)}`
  const tasks = Math.max(1, Math.floor(size / 3 / (SPANS_OF_TASK + 2)))

  const origin = open('origin', 'origin', 'origin', START_MS + 10)
  const rootId = add(origin, {
    name: invokeWorkflowName('mesh'),
    kind: 'internal',
    startMs: START_MS,
    endMs: START_MS + 4,
    attributes: { [GEN_AI.operationName]: GEN_AI_OPERATION.invokeWorkflow },
  })
  const begun = turn(origin, 'run.start', 'waiting')
  const planner = { id: 'goal', role: 'planner' }
  const wide = Array.from({ length: tasks }, (_, index) =>
    send(origin, begun, { id: `wide-${index}`, role: 'coder' }, 'task.request'),
  )
  const first = send(origin, begun, { id: 'deep-0', role: 'coder' }, 'task.request')
  const goal = send(origin, begun, planner, 'run.goal')

  const answers = wide.map((opening, index) =>
    task(`wide-${index}`, opening, peerOf(index), { id: 'origin', role: 'origin' }),
  )
  let opening = first
  for (let index = 0; index < tasks; index++)
    opening = task(`deep-${index}`, opening, peerOf(index), { id: `deep-${index + 1}`, role: 'coder' })

  const long = open('goal', 'planner', 'planner-1', goal.atMs + 5)
  let asking = turn(long, 'run.goal', 'thinking', goal)
  const rest = Math.max(2, size - spans.length - answers.length - 6)
  for (let asked = 0; asked < rest; asked += 2) {
    const outcome = effect(long, asking, asked % 4 === 0 ? 'chat' : 'tool')
    asking = turn(long, outcome, 'working')
  }
  const result = send(long, asking, { id: 'origin', role: 'origin' }, 'run.result')
  close(long, goal.atMs + 5, goal.spanId)

  for (const answer of [...answers, result].sort((a, b) => a.atMs - b.atMs)) {
    origin.atMs = Math.max(origin.atMs, answer.atMs + 6)
    turn(origin, answer === result ? 'run.result' : 'task.result', 'waiting', answer)
  }
  origin.atMs = Math.max(origin.atMs, opening.atMs + 10)
  close(origin, START_MS + 10, rootId)
  add(origin, {
    parentSpanId: rootId,
    name: runOverName('completed'),
    kind: 'internal',
    startMs: origin.atMs,
    endMs: origin.atMs + 5,
    attributes: { [SKEIN.outcome]: 'completed' },
    links: [{ traceId, spanId: rootId }],
  })
  return spans
}
