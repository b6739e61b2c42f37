/**
 * What of a run waits for a person, for an assistant: it may say so and pass on what to type. No tool of this server
 * decides it, since what wants a person's approval is not to be approved by a model.
 */
import { z } from 'zod'
import { nameOf } from '../../protocols/ids.ts'
import type { Wait } from '../../src/people/wait.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { happenings } from '../show/happening.ts'
import { cut, oneLine } from '../show/terminal.ts'
import { pendingWaits, seeCommand } from '../show/wait.ts'
import { isoTime } from './known-run.ts'

export const waitingSchema = z.array(
  z.object({
    id: z.string(),
    kind: z.enum(['approval', 'question']),
    tool: z.string(),
    role: z.string(),
    conversation: z.string().describe('its name inside the run: a task, for work'),
    about: z.string().describe('what the call would do, or what is asked, in short'),
    since: z.iso.datetime(),
    until: z.iso.datetime().describe('when it is given up'),
    command: z.string().describe('for a person: shows it whole, and says what decides it'),
  }),
)
export type Waiting = z.input<typeof waitingSchema>

/** Characters of what a call is about. */
const ABOUT_CELLS = 300

export const waitingOf = (waits: readonly Wait[]): Waiting =>
  waits.map(({ id, run, kind, tool, role, conversation, question, gist, input, since, until }) => ({
    ...{ id, kind, tool, role, conversation: nameOf(conversation) },
    about: cut(oneLine(question ?? gist ?? input), ABOUT_CELLS),
    ...{ since: isoTime(since), until: isoTime(until), command: seeCommand(run, id) },
  }))

/** Lines, none where nothing waits. */
export function waitingLines(waiting: Waiting): string[] {
  if (waiting.length === 0) return []
  return [
    ...waiting.map(
      ({ kind, tool, role, conversation, about, until, command }) =>
        `  waits for a person until ${until}: ${role} of ${conversation} ${kind === 'question' ? 'asks' : `wants to use ${tool}`}: ${about}. They type: ${command}`,
    ),
    '  Only a person decides this, at a terminal; no tool here does. Tell them what waits and what to type.',
  ]
}

/** What a commit means, for progress. What waits is told without a word of who is meant by "you". */
export const toldOf = (record: ConversationRecord): string[] => [
  ...happenings(record)
    .filter(({ kind }) => kind !== 'waits')
    .map(({ peer, text }) => `${peer}: ${text}`),
  ...pendingWaits(record).map(
    ({ command, what }) => `${record.by.peer}: waits for a person, who types: ${command} (${what})`,
  ),
]
