/** For tests of one's own agents, with any test runner or none: the entry point `skein/testing`. */
export { type RunTrace, traceOf } from '../../traces/testing.ts'
export { pause, type ToolDouble, type ToolRun } from './acting.ts'
export { TestingError } from './errors.ts'
export {
  type CallFault,
  fault,
  type KillOptions,
  type MeshFault,
  type MessageFault,
  type Moment,
  type PeerFault,
} from './fault.ts'
export { testMesh } from './mesh.ts'
export type { TestMessage } from './messages.ts'
export type { Strike } from './misfortune.ts'
export {
  answer,
  call,
  delay,
  type FailOptions,
  fail,
  reply,
  type Script,
  type ScriptedReply,
  type ScriptFunction,
  type ScriptStep,
  when,
} from './script.ts'
export { SCRIPTED_PROVIDER, type ScriptedModel, scriptedModel } from './scripted-model.ts'
export type { ConversationState } from './state.ts'
export type { DecideOptions, TestMesh, TestMeshOptions, TestRun } from './test-mesh.ts'
export type { AskOptions, Reply, RunOutcome, RunRequest } from './test-run.ts'
export type { Files } from './trees.ts'
