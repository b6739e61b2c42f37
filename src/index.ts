/**
 * skein as a library: roles, jobs, and what it takes to run them. The public door of `src`. Its `run` runs a job; the
 * protocol of that name is in `skein/protocols`.
 */
export * from '../protocols/index.ts'
export type { Bus } from './bus/bus.ts'
export {
  type Board,
  type Change,
  type ChangeOutcome,
  changeEntry,
  defineBoard,
  type EntryOf,
  entryHistory,
  type Posted,
  readBoard,
  readEntry,
} from './coordination/blackboard.ts'
export { type BoardContext, boardChange, type Held } from './coordination/blackboard-states.ts'
export { boardTools } from './coordination/blackboard-tools.ts'
export {
  lowest,
  type TenderAccepts,
  type TenderContext,
  type TenderSends,
  tendering,
} from './coordination/contract-net.ts'
export {
  type BidderAccepts,
  type BidderContext,
  type BidderSends,
  bidding,
} from './coordination/contract-net-bidder.ts'
export {
  type Debate,
  type DebateContext,
  type DebateOptions,
  debating,
  type Verdict,
} from './coordination/debate.ts'
export { debaterMachine } from './coordination/debater.ts'
export {
  type GiverAccepts,
  type GiverContext,
  type GiverSends,
  handingOver,
  type TakerAccepts,
  type TakerContext,
  type TakerSends,
  takingOver,
} from './coordination/handoff.ts'
export { byMajority, type Judge, type Standing } from './coordination/judgement.ts'
export { besideInRing, everyone, type Neighbours } from './coordination/neighbours.ts'
export type { Party } from './coordination/parties.ts'
export { type Ballot, type BallotContext, type BallotOptions, balloting } from './coordination/quorum-vote.ts'
export {
  type AuthorAccepts,
  type AuthorContext,
  type AuthoringOptions,
  type AuthorSends,
  authoring,
  type ReviewContext,
  type ReviewerAccepts,
  type ReviewerSends,
  reviewing,
} from './coordination/review-loop.ts'
export { type GatherContext, type GatherOptions, gathering } from './coordination/scatter-gather.ts'
export { type BallotOutcome, moreThanHalf, type Vote } from './coordination/tally.ts'
export * from './errors.ts'
export { FlockError } from './flock/errors.ts'
export { readFiledJournal } from './flock/filed-journal.ts'
export type { PeerArgs } from './flock/gather.ts'
export type { Job, PreparedJob } from './flock/job.ts'
export { hostPeers, type PeersHere, type PeersHereOptions } from './flock/peers-here.ts'
export { type RecordTo, readRecording, writeRecording } from './flock/recording-file.ts'
export { type ReplayRunOptions, replayRun } from './flock/replay-run.ts'
export { type RunOptions, type RunStarted, run } from './flock/run.ts'
export type { RunReport } from './flock/run-report.ts'
export type { ValueChange } from './history/changes.ts'
export {
  type CheckOptions,
  checkHistory,
  type Divergence,
  type HistoryCheck,
} from './history/check.ts'
export type { Difference } from './history/differences.ts'
export { HistoryError, type RunHistory, readHistory } from './history/history.ts'
export { type StepView, type TookView, viewOfStep } from './history/step-view.ts'
export { type HistoryStep, stepsOf } from './history/steps.ts'
export type { Log } from './log.ts'
export { McpError } from './mcp/error.ts'
export {
  type McpConnection,
  type McpServerOptions,
  type McpToolChoice,
  mcpServer,
  mcpTools,
} from './mcp/mcp-tools.ts'
export { isMcpReference, type McpServers, mcpServers } from './mcp/named-servers.ts'
export type { McpAddress, McpProgram, McpServer } from './mcp/server.ts'
export { type FallbackOptions, fallbackModel } from './model/fallback.ts'
export {
  type ChatRequest,
  collectReply,
  type Model,
  ModelError,
  type ModelParameters,
  type Usage,
} from './model/model.ts'
export { type OfflinePolicy, offlineModel, type PolicyStep } from './model/offline.ts'
export { askHuman } from './people/ask-human.ts'
export { DecisionError, decide } from './people/decide.ts'
export { openWaits } from './people/open-waits.ts'
export type { Decision, Wait } from './people/wait.ts'
export { callsOf, type RecordedCall, recordedModel } from './recording/recorded-model.ts'
export type { Recording } from './recording/recording.ts'
export { RecordingError } from './recording/recording-error.ts'
export { type AgentContext, newAgent } from './role/agent-context.ts'
export { agentStates } from './role/agent-states.ts'
export { RoleError } from './role/check-machine.ts'
export { defineRole, type Role, type RoleModel } from './role/define.ts'
export { roleSetup } from './role/setup.ts'
export { RoleFileError, type RoleFileProblem } from './role-file/error.ts'
export { type ReadRoleOptions, readRole } from './role-file/read-role.ts'
export type { Start } from './run/submit-run.ts'
export { importDirectory } from './tools/directory.ts'
export { type EditFileOptions, editFile } from './tools/edit-file.ts'
export { type FetchUrlOptions, fetchUrl } from './tools/fetch-url.ts'
export { listFiles } from './tools/list-files.ts'
export { readFile } from './tools/read-file.ts'
export { type RunCommandOptions, runCommandTool } from './tools/run-command.ts'
export { runTestsTool } from './tools/run-tests.ts'
export { searchDocuments } from './tools/search-documents.ts'
export { type SearchFilesOptions, searchFiles } from './tools/search-files.ts'
export { showChanges } from './tools/show-changes.ts'
export {
  type ApprovalRule,
  defineTool,
  type PersonSaid,
  type Preview,
  type PreviewRule,
  type Question,
  type Tool,
  type ToolContext,
  ToolError,
} from './tools/tool.ts'
export { writeFile } from './tools/write-file.ts'
export { readTopology } from './topology/file.ts'
export {
  PLACEMENTS,
  type Placement,
  TOPOLOGY_NAMES,
  type Topology,
  topologyNamed,
} from './topology/topology.ts'
export { handOut } from './topology/wiring.ts'
export type { ConversationInput, Destination, Incoming, Outgoing } from './turn/behaviour.ts'
