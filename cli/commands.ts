/** Which commands there are. The module of each is loaded when it is asked for. */
import type { Command } from './command.ts'

type Entry = {
  /** Its name, and what follows it. */
  readonly usage: string
  readonly describe: string
  readonly load: () => Promise<Command<never>>
}

const entry = (usage: string, describe: string, load: () => Promise<unknown>): Entry => ({
  usage,
  describe,
  load: async () => ((await load()) as { readonly default: Command<never> }).default,
})

export const COMMANDS: readonly Entry[] = [
  entry('init [directory]', 'make a project: a role, a protocol, a test', () => import('./init.ts')),
  entry('run [goal]', 'set a flock of peers to a goal', () => import('./run.ts')),
  entry('ask <role> [words..]', 'ask one role, and see its answer', () => import('./ask.ts')),
  entry('runs', 'runs that are under way, or over', () => import('./runs.ts')),
  entry('wait <run>', 'until a run is over', () => import('./wait.ts')),
  entry('result <run>', 'how a run ended', () => import('./result.ts')),
  entry('cancel <run>', 'stop a run, wherever it was started', () => import('./cancel.ts')),
  entry('waiting [run] [id]', 'what waits for a person', () => import('./waiting.ts')),
  entry('approve <run> [ids..]', 'let calls of tools go on that wait', () => import('./approve.ts')),
  entry('deny <run> [ids..]', 'refuse what waits', () => import('./deny.ts')),
  entry('answer <run> <id> <text..>', 'answer what an agent asks', () => import('./answer.ts')),
  entry('replay [run]', 'a run from its records, turn by turn', () => import('./replay.ts')),
  entry('apply <run>', 'write what a run changed into its workspace', () => import('./apply.ts')),
  entry('peer <roles..>', 'host peers in this process', () => import('./peer.ts')),
  entry('ps', 'who is there: peers, their role, state and load', () => import('./ps.ts')),
  entry('tap', 'messages as they pass, and what commands print', () => import('./tap.ts')),
  entry('dead [action] [ids..]', 'messages that could not be dealt with', () => import('./dead.ts')),
  entry('trace [run]', 'a run as a tree of spans', () => import('./trace.ts')),
  entry(
    'diagnose [run]',
    'what went wrong in a run, with the spans that show it',
    () => import('./diagnose.ts'),
  ),
  entry(
    'mcp',
    'an MCP server over stdio, for assistants: run, status, result, trace, cancel',
    () => import('./mcp.ts'),
  ),
  entry(
    'prompts [roles..]',
    'what a model is told of each role, and what it costs',
    () => import('./prompts.ts'),
  ),
  entry('protocols', 'the messages as JSON Schema or AsyncAPI', () => import('./protocols.ts')),
  entry('simulate', 'the coding job in worlds where everything goes wrong', () => import('./simulate.ts')),
  entry('lab <file>', 'an experiment: when does which topology win?', () => import('./lab.ts')),
  entry('clean', 'remove what runs left that are over', () => import('./clean.ts')),
  entry('doctor', 'what works here, what does not, and what to do', () => import('./doctor.ts')),
]

/** What it is called by. */
export const nameOf = ({ usage }: Entry): string => usage.split(' ')[0]!
