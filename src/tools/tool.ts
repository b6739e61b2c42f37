/**
 * A tool: a function with a schema for what goes in and what comes out, run under a deadline and inside a jail. It
 * never changes a directory that somebody looks at: it starts from one tree hash and may return another.
 */
import type { z } from 'zod'
import { SkeinError } from '../../protocols/errors.ts'
import type { BlobHash, RunId } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { Records } from '../bus/records.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import type { Clock } from '../time/clock.ts'

export type ToolContext = {
  readonly run: RunId
  /** The conversation's name inside its run, for what is remembered of the call: a task's id, for work. */
  readonly conversation: string
  /** Which call of the conversation this is: the same each time it is made again, and no other call's. */
  readonly call: string
  /** The tree that the call starts from; undefined in a run that has no workspace. */
  readonly tree: BlobHash | undefined
  /** The workspace as it was before any work of the run. */
  readonly base?: BlobHash | undefined
  /** The documents of the run, as a tree; undefined where it has none. */
  readonly documents: BlobHash | undefined
  readonly blobs: Blobs
  readonly records: Records
  /** Aborted at the deadline, on cancel, and when the process drains. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** A `node_modules` of this machine that checkouts of the tree may link to, since a tree holds none. */
  readonly nodeModules?: string | undefined
  /** What tools put around the commands that they run; nothing unless given. */
  readonly sandbox?: Sandbox | undefined
  /** A directory of this process in which tools may make and remove what they need. */
  readonly scratch: string
  /** W3C trace context of the call's span, for a server that is traced as well. */
  readonly traceparent?: string
  /** Takes more attributes of the call's span, whatever comes of it. */
  readonly onAttributes?: (attributes: Readonly<Record<string, string | number | boolean>>) => void
  /** Takes what a long command prints, as it comes, for people who watch; nobody does unless given. It never throws. */
  readonly onOutput?: ((text: string) => void) | undefined
  /** What a person said to this call; undefined where nobody was asked. */
  readonly said?: PersonSaid
}

/** What a person said to a call that waited for it. */
export type PersonSaid = {
  readonly verdict: 'approve' | 'answer'
  /** Who it was, as they call themselves: `jo@desk`. */
  readonly by: string
  /** The answer, or a note beside an approval. */
  readonly text: string | null
  /** Milliseconds since 1970. */
  readonly at: number
}

/** A question to a person. */
export type Question = {
  readonly question: string
  /** What may be answered, as far as whoever asks can tell. */
  readonly choices?: readonly string[] | undefined
}

/** Pure: whether a call with this input takes a person's approval; a string is the reason that they are shown. */
export type ApprovalRule<Input> = { of(input: Input): boolean | string }['of']

/** What a call would do, for a person who decides on it. */
export type Preview = {
  /** Lines; the first says it in short. */
  readonly text: string
  /** A unified diff of what it would change, or of what it is about. */
  readonly patch?: string
}

/** It reads, and changes nothing. @throws whatever it likes: the person is told why there is no preview */
export type PreviewRule<Input> = { of(input: Input, context: ToolContext): Promise<Preview> }['of']

export type ToolOutcome<Output> = {
  readonly output: Output
  /** The tree after the call, where it changed. */
  readonly tree?: BlobHash
  /** Of a tool that verifies work: what it found. A trace shows it, so that a run can be asked whether its work was verified. */
  readonly check?: 'passed' | 'failed'
}

export interface Tool<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** `[a-z][a-z0-9_]*`, unique within a role. */
  readonly name: string
  /** For the model: what it does, when to use it. */
  readonly description: string
  readonly input: Input
  readonly output: Output
  /** Whether running it twice does what running it once does. One that is not is never run again after a crash. */
  readonly idempotent: boolean
  /** What it does with the workspace: nothing, unless it says so. Whoever has such a tool begins at the run's head. */
  readonly workspace?: 'reads' | 'changes' | undefined
  /** Whether it reads or writes records: then its input and its tree alone do not say what it gives. */
  readonly usesRecords?: boolean
  /** Whether its work takes time that no clock of ours gives: a process, a server. Virtual time stands still for it. */
  readonly worksOutside?: boolean
  /** Longest time it may take, in milliseconds: its own, without the time that a person takes. */
  readonly timeoutMs: number
  /** Whether a person has to approve a call before it is run: any, or those that the rule names. */
  readonly approval?: true | ApprovalRule<z.output<Input>>
  /**
   * What a call would do, for the person who has to approve it; made when they are asked, and kept. `dry-run`, of a tool
   * of which nothing comes but another tree: it is run before they are asked, its tree is compared with the one before,
   * and nobody takes it over.
   */
  readonly preview?: 'dry-run' | PreviewRule<z.output<Input>>
  /** Asks a person first, and runs with what they said. Pure. */
  question?(input: z.output<Input>): Question
  /** Milliseconds that a person has for it: as long as the run lasts, unless given. */
  readonly patienceMs?: number
  /** @throws ToolError for what the model can act on; anything else counts as a defect of the tool */
  run(input: z.output<Input>, context: ToolContext): Promise<ToolOutcome<z.input<Output>>>
  /** Lets go of what it holds between calls, when the peers that use it leave. It may be called again afterwards. */
  release?(): Promise<void>
}

/** Milliseconds a tool may take unless it says otherwise. */
export const TOOL_TIMEOUT_MS = 30_000

/** Declares a tool; idempotent unless it says otherwise. */
export function defineTool<Input extends z.ZodType, Output extends z.ZodType>(
  tool: Omit<Tool<Input, Output>, 'idempotent' | 'timeoutMs'> & {
    readonly idempotent?: boolean
    readonly timeoutMs?: number
  },
): Tool<Input, Output> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(tool.name)) {
    throw new ToolError(
      'bad-name',
      `"${tool.name}" cannot name a tool: use a-z, 0-9 and "_", beginning with a letter`,
    )
  }
  return { idempotent: true, timeoutMs: TOOL_TIMEOUT_MS, ...tool }
}

/** A tool refuses or fails in a way its caller can act on: `tool.jail`, `tool.timeout`, `tool.input`. */
export class ToolError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`tool.${code}`, message, options)
  }
}
