/**
 * Every span and attribute name that skein uses, in one file, because the conventions they follow are still moving:
 * OpenTelemetry semantic conventions 1.41.1, messaging and GenAI, plus skein's own `skein.*`. Whoever makes or reads
 * a span takes the name from here.
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
} as const

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
  requestMaxTokens: 'gen_ai.request.max_tokens',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  toolName: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  toolCallId: 'gen_ai.tool.call.id',
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

export const SKEIN = {
  run: 'skein.run',
  peer: 'skein.peer',
  role: 'skein.role',
  conversation: 'skein.conversation',
  topology: 'skein.topology',
  /** Number of the turn in its conversation, from 1. */
  turn: 'skein.turn',
  /** State before and after the turn; parallel states joined by a comma. */
  stateFrom: 'skein.state.from',
  stateTo: 'skein.state.to',
  /** Type of the event that the turn took: `review.request`, `xstate.done.actor.draft`. */
  event: 'skein.event',
  /** Of an effect or a delivery, from 1. */
  attempt: 'skein.attempt',
  epoch: 'skein.epoch',
  /** Hops that the message had left. */
  hops: 'skein.hops',
  /** Milliseconds since 1970. */
  deadline: 'skein.deadline',
  stake: 'skein.stake',
  /** Milliseconds between the sending of a message and its turn, by two clocks. */
  queueMs: 'skein.queue_ms',
  /** How it ended: of a run `completed`, `unsatisfied` …; of a failure its reason. */
  outcome: 'skein.outcome',
  /** Hash of the workspace tree that resulted. */
  tree: 'skein.tree',
} as const

/** `send role.coder`: a message leaves. The destination is a template, never an id. */
export const sendName = (destinationTemplate: string): string =>
  `${MESSAGING_OPERATION.send} ${destinationTemplate}`

/** `process role.coder`: a message is handled outside a turn, as when it is refused or dead-lettered. */
export const processName = (destinationTemplate: string): string =>
  `${MESSAGING_OPERATION.process} ${destinationTemplate}`

/** `turn review.request`: a conversation took an event. */
export const turnName = (eventType: string): string => `turn ${eventType}`

/** `invoke_workflow mesh`: a run was submitted. */
export const invokeWorkflowName = (workflow: string): string =>
  `${GEN_AI_OPERATION.invokeWorkflow} ${workflow}`

/** `run completed`: a run is over. Linked to its `invoke_workflow`, which ended when the run was submitted. */
export const runOverName = (outcome: string): string => `run ${outcome}`

/** `invoke_agent coder`: one conversation, from its first turn to its last. */
export const invokeAgentName = (agent: string): string => `${GEN_AI_OPERATION.invokeAgent} ${agent}`

/** `execute_tool run_tests` */
export const executeToolName = (tool: string): string => `${GEN_AI_OPERATION.executeTool} ${tool}`

/** `chat gpt-5-mini` */
export const chatName = (model: string): string => `${GEN_AI_OPERATION.chat} ${model}`
