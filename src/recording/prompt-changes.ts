/** Which part of a prompt is not as it was recorded: that part is named, since "the prompt" is no help. */
import { isDeepStrictEqual } from 'node:util'
import { digestOf } from '../../traces/digest.ts'
import type { TranscriptEntry } from '../model/model.ts'
import type { KeptPrompt } from '../role/kept-prompt.ts'
import { RecordingError } from './recording-error.ts'
import { shortDiff } from './short-diff.ts'

export type Prompt = {
  /** Undefined where it was not kept. */
  readonly parts: KeptPrompt | undefined
  readonly transcript: readonly TranscriptEntry[]
}

/** Which call, for people: `call 3.0 of coder in r-1/fix`. */
export type CallName = string

/** Undefined where the two are the same. */
export function changeOfPrompt(
  call: CallName,
  recorded: Prompt,
  now: Required<Prompt>,
): RecordingError | undefined {
  const parts = recorded.parts && now.parts && changeOfParts(call, recorded.parts, now.parts)
  return parts ?? changeOfTranscript(call, recorded.transcript, now.transcript)
}

function changeOfParts(call: CallName, recorded: KeptPrompt, now: KeptPrompt): RecordingError | undefined {
  const { role } = now
  if (recorded.instructions !== now.instructions)
    return changed(
      'instructions',
      call,
      `the instructions of "${role}"`,
      recorded.instructions,
      now.instructions,
    )
  const tool = changeOfNamed(recorded.tools, now.tools, ({ name }) => name)
  if (tool !== undefined)
    return changed('tools', call, `the tool "${tool.name}" of "${role}"`, tool.recorded, tool.now)
  const answer = changeOfNamed(recorded.answers, now.answers, ({ type }) => type)
  if (answer !== undefined)
    return changed('answers', call, `the answer "${answer.name}" of "${role}"`, answer.recorded, answer.now)
  return isDeepStrictEqual(recorded.parameters, plain(now.parameters))
    ? undefined
    : changed('parameters', call, `the model of "${role}"`, recorded.parameters, now.parameters)
}

function changeOfTranscript(
  call: CallName,
  recorded: readonly TranscriptEntry[],
  now: readonly TranscriptEntry[],
): RecordingError | undefined {
  const length = Math.max(recorded.length, now.length)
  for (let index = 0; index < length; index++) {
    const [was, is] = [recorded[index], now[index]]
    if (was !== undefined && is !== undefined && digestOf(was) === digestOf(is)) continue
    return changed('transcript', call, `entry ${index + 1} of the transcript${whatOf(is ?? was)}`, was, is)
  }
  return undefined
}

function whatOf(entry: TranscriptEntry | undefined): string {
  switch (entry?.kind) {
    case 'message':
      return `, the message "${entry.type}" of ${entry.from}`
    case 'result':
      return `, the result of "${entry.tool}"`
    case 'error':
      return `, the error of "${entry.tool}"`
    case 'reply':
      return ', a reply of the model'
    default:
      return ''
  }
}

/** The first that is missing, new, or not the same. */
function changeOfNamed<Item>(
  recorded: readonly Item[],
  now: readonly Item[],
  nameOf: (item: Item) => string,
) {
  for (const name of new Set([...recorded, ...now].map(nameOf))) {
    const [was, is] = [recorded, now].map((items) => items.find((item) => nameOf(item) === name))
    if (!isDeepStrictEqual(was, is && plain(is))) return { name, recorded: was, now: is }
  }
  return undefined
}

/** As it comes out of JSON. */
const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

export const changed = (what: string, where: string, part: string, recorded: unknown, now: unknown) =>
  new RecordingError(
    `changed-${what}`,
    `${where}: ${saying(recorded, now)}: ${part}\n${shortDiff(recorded, now)}\nRecord the run again, or take the change back`,
  )

const saying = (recorded: unknown, now: unknown) =>
  recorded === undefined ? 'not in the recording' : now === undefined ? 'gone' : 'not as it was recorded'
