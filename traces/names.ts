/**
 * Every span and attribute name that skein uses, in one file, because the conventions they follow are still moving:
 * OpenTelemetry semantic conventions 1.41.1, messaging and GenAI, plus skein's own `skein.*`. Whoever makes or reads a
 * span takes the name from here. What is counted, by the same conventions, stands in `metrics.ts`.
 */

/** The conventions that the names below follow. */
export const SEMCONV_VERSION = '1.41.1'

/** Stated beside exported spans, so that a collector can translate the names later. */
export const SCHEMA_URL = `https://opentelemetry.io/schemas/${SEMCONV_VERSION}`

/** The instrumentation scope of all our spans. */
export const SCOPE_NAME = 'skein'

/** Who made a span: attributes of its resource. */
export const RESOURCE = {
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  serviceInstanceId: 'service.instance.id',
  hostId: 'host.id',
  processPid: 'process.pid',
} as const

/** Attributes that belong to no one convention. */
export const GENERAL = {
  /** A code of low cardinality: a `SkeinError`'s code, a failure's reason. */
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  /** `pipe` or `tcp`. */
  networkTransport: 'network.transport',
  /** Of a log record: the error that it tells of. */
  exceptionMessage: 'exception.message',
} as const

/** Value of an attribute in place of one that anybody could have made up. */
export const OTHER = '_OTHER'

export const MESSAGING = {
  system: 'messaging.system',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destinationName: 'messaging.destination.name',
  destinationTemplate: 'messaging.destination.template',
  consumerGroupName: 'messaging.consumer.group.name',
  messageId: 'messaging.message.id',
  /** The correlation of a question and its answer, not a skein conversation: that is `skein.conversation`. */
  messageConversationId: 'messaging.message.conversation_id',
  messageBodySize: 'messaging.message.body.size',
} as const

/** Value of `messaging.system`: a custom one, since the registry has none for NATS. */
export const MESSAGING_SYSTEM_NATS = 'nats'

/** Values of `messaging.operation.name`; each is its own `messaging.operation.type`. */
export const MESSAGING_OPERATION = {
  /** Kind producer. */
  send: 'send',
  /** Kind consumer. */
  process: 'process',
  /** Kind client. */
  receive: 'receive',
  /** Kind client: ack, retry. */
  settle: 'settle',
} as const

export const GEN_AI = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  agentId: 'gen_ai.agent.id',
  agentName: 'gen_ai.agent.name',
  agentDescription: 'gen_ai.agent.description',
  conversationId: 'gen_ai.conversation.id',
  workflowName: 'gen_ai.workflow.name',
  requestModel: 'gen_ai.request.model',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestSeed: 'gen_ai.request.seed',
  requestStopSequences: 'gen_ai.request.stop_sequences',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  /** Part of the input tokens. */
  usageCachedTokens: 'gen_ai.usage.cache_read.input_tokens',
  /** Part of the output tokens. */
  usageReasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  /** Of a metric. */
  tokenType: 'gen_ai.token.type',
  toolName: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  toolCallId: 'gen_ai.tool.call.id',
} as const

/** Of a tool call that an MCP server answers: the conventions have them on the `execute_tool` span that is there. */
export const MCP = {
  /** `tools/call` */
  methodName: 'mcp.method.name',
  protocolVersion: 'mcp.protocol.version',
  sessionId: 'mcp.session.id',
} as const

/** What people and models said. Recorded only when somebody asked for it. */
export const GEN_AI_CONTENT = {
  systemInstructions: 'gen_ai.system_instructions',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  toolCallArguments: 'gen_ai.tool.call.arguments',
  toolCallResult: 'gen_ai.tool.call.result',
} as const

/** Values of `gen_ai.operation.name`. */
export const GEN_AI_OPERATION = {
  invokeWorkflow: 'invoke_workflow',
  invokeAgent: 'invoke_agent',
  executeTool: 'execute_tool',
  chat: 'chat',
} as const

/** Values of `gen_ai.token.type`. */
export const GEN_AI_TOKEN = { input: 'input', output: 'output' } as const

export const SKEIN = {
  run: 'skein.run',
  peer: 'skein.peer',
  role: 'skein.role',
  /** Its name within the run: a task's id, for work. */
  conversation: 'skein.conversation',
  topology: 'skein.topology',
  /** How work finds its peer: `anybody`, `hash`, `auction`, `blackboard`, `hub`. */
  placement: 'skein.placement',
  /** Number of the turn in its conversation, from 1. */
  turn: 'skein.turn',
  /** State before and after the turn; parallel states joined by a comma. */
  stateFrom: 'skein.state.from',
  stateTo: 'skein.state.to',
  /** Of a turn, the type of the event that it took: `review.request`, `xstate.done.actor.draft`. Of a send, of its message. */
  event: 'skein.event',
  /** What became of the message that a turn took: `taken`, `deferred`, `refused`, `late` (its failure came before), `none`. */
  disposition: 'skein.disposition',
  /** Messages that the conversation keeps for a later state, after the turn. */
  deferred: 'skein.deferred',
  /** Of the turn that closed a conversation: messages that it had kept for later, and ended without. */
  unheard: 'skein.unheard',
  /** Of an effect, from 1: raised each time that a process had to start it again. */
  attempt: 'skein.attempt',
  /** Of the message that a turn took, from 1: how often it was delivered. */
  delivery: 'skein.delivery',
  /** Of an effect within its conversation, and of the turn that took its outcome: `<turn>.<position>`. */
  effect: 'skein.effect',
  epoch: 'skein.epoch',
  /** Of a takeover: the epoch and the process (`<host>/<pid>`) that were at it before. */
  epochBefore: 'skein.epoch.before',
  processBefore: 'skein.process.before',
  /** Hops that the message had left. */
  hops: 'skein.hops',
  /** Milliseconds since 1970. */
  deadline: 'skein.deadline',
  /** Of a send, the share of the run's stake that travels with it; of a turn, what the conversation holds after it. */
  stake: 'skein.stake',
  /** Of a run that is over: stake that never came home. */
  writtenOff: 'skein.stake.written_off',
  /** Milliseconds between the sending of a message and its turn, by two clocks. */
  queueMs: 'skein.queue_ms',
  /** Of a send: the conversation that it is for. */
  toConversation: 'skein.to.conversation',
  toRole: 'skein.to.role',
  /** Of a send: the peer that it went to first, to be passed on, or `board`. */
  via: 'skein.via',
  /** Of a relay: which one it was on the way of its message, from 1. */
  relay: 'skein.relay',
  /** Of a turn: messages that the topology of the run kept it from sending. */
  barred: 'skein.barred',
  /** Of a send: true where its sender waits for an answer, or a failure at the deadline. */
  awaits: 'skein.awaits',
  /** Of a send: the conversations that its answer goes to, where that is not the sender's. */
  slip: 'skein.slip',
  /** Of a turn or a send: the kind of the failure that it took or tells, `timeout`, `no-peer`, `exhausted` … */
  failure: 'skein.failure',
  /** How it ended: of a run `completed`, `unsatisfied` …; of a conversation `done`, `failed`, `open`. */
  outcome: 'skein.outcome',
  reason: 'skein.reason',
  /** Of a turn: the limit that kept it from sending something, `hops` or `messages`. */
  limit: 'skein.limit',
  /** Hash of the workspace tree that a tool started from, and of the one that it left, where that is another. */
  treeBefore: 'skein.tree.before',
  tree: 'skein.tree',
  /** Of a tool that verifies something: `passed` or `failed`. */
  check: 'skein.check',
  /** First 16 hex digits of the SHA-256 of a body, an effect's input, its outcome: what is equal is seen without content. */
  bodyDigest: 'skein.digest.body',
  inputDigest: 'skein.digest.input',
  outputDigest: 'skein.digest.output',
  /** Of a wait for a person: `approval` or `question`; `approve`, `deny`, `answer` or `unanswered`; and who decided. */
  personKind: 'skein.person.kind',
  personDecision: 'skein.person.decision',
  personBy: 'skein.person.by',
  /** UTF-8 bytes of a prompt, and those of them that other agents wrote. */
  promptBytes: 'skein.prompt.bytes',
  promptPeerBytes: 'skein.prompt.peer_bytes',
  /** Of a call to a model: what the role asked of it, where the GenAI conventions have no name for it. */
  reasoningEffort: 'skein.request.reasoning_effort',
  parallelToolCalls: 'skein.request.parallel_tool_calls',
  /** Of a prompt that did not fit: results and calls that something was left out of, and UTF-8 bytes of that. */
  promptLeftOut: 'skein.prompt.left_out',
  promptLeftOutBytes: 'skein.prompt.left_out_bytes',
  /** Tokens of the context that it was made to fit. */
  promptContextTokens: 'skein.prompt.context_tokens',
  /** Of a call to a model: milliseconds that it waited for its rate. */
  rateWaitMs: 'skein.rate.wait_ms',
  /** Of a call to a model: those that were asked before the one that replied, each with why not: `big: model.rate-limited`. */
  fallbackFrom: 'skein.model.fallback_from',
  /** Of a link: why. One of `LINK`. */
  link: 'skein.link',
} as const

/** Values of `skein.link`: what the span that is linked to is to this one. */
export const LINK = {
  /** A further message of a conversation: the parent is the conversation, the send is linked. */
  message: 'message',
  /** The send of a message that was delivered before. */
  redelivery: 'redelivery',
  /** Of an effect that was started again: the takeover that did it. */
  resumption: 'resumption',
  /** Of a takeover: the last turn of the process that was at it before. */
  adoption: 'adoption',
  /** Of the end of a run: its beginning, and the last turn of its origin. */
  beginning: 'beginning',
  last: 'last',
} as const

/** `send role.coder`: a message leaves. The destination is a template, never an id. */
export const sendName = (destinationTemplate: string): string =>
  `${MESSAGING_OPERATION.send} ${destinationTemplate}`

/** `relay question.ask`: a peer passes a message on, as the topology of the run has it. */
export const relayName = (eventType: string): string => `relay ${eventType}`

/** `turn review.request`: a conversation took an event. */
export const turnName = (eventType: string): string => `turn ${eventType}`

/** `takeover coder`: a conversation goes on in another process. */
export const takeoverName = (role: string): string => `takeover ${role}`

/** `invoke_workflow mesh`: a run was submitted. */
export const invokeWorkflowName = (workflow: string): string =>
  `${GEN_AI_OPERATION.invokeWorkflow} ${workflow}`

/** `run completed`: a run is over. Below its `invoke_workflow`, which ended when the run was submitted, and linked to it. */
export const runOverName = (outcome: string): string => `run ${outcome}`

/** `invoke_agent coder`: one conversation, from its first turn to its last. */
export const invokeAgentName = (agent: string): string => `${GEN_AI_OPERATION.invokeAgent} ${agent}`

/** `execute_tool run_tests` */
export const executeToolName = (tool: string): string => `${GEN_AI_OPERATION.executeTool} ${tool}`

/** `ask_person run_command`: a call of a tool waits for a person. Its duration is how long. */
export const askPersonName = (tool: string): string => `ask_person ${tool}`

/** `chat gpt-5-mini` */
export const chatName = (model: string): string => `${GEN_AI_OPERATION.chat} ${model}`

/** Of a log record: a field of its line that spans have no attribute for. */
export const logFieldName = (field: string): string => `skein.log.${field}`
