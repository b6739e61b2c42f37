/** The messages that a role in Markdown can name: those of skein's protocols, and those of modules of one's own. */
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MessageDefinition, Protocol } from '../../protocols/define.ts'
import { question } from '../../protocols/question.ts'
import { review } from '../../protocols/review.ts'
import { run } from '../../protocols/run.ts'
import { task } from '../../protocols/task.ts'
import type { FileText } from '../yaml/text.ts'
import type { RoleFileProblem } from './error.ts'
import type { Keys } from './keys.ts'
import { meant } from './near.ts'

const BUILT_IN = [question, task, review, run]

export type RoleMessages = {
  readonly accepts: readonly MessageDefinition[]
  readonly answers: readonly MessageDefinition[]
  readonly asks: Readonly<
    Record<string, { readonly message: MessageDefinition; readonly answers: readonly MessageDefinition[] }>
  >
}

/** What it takes, answers and asks; whatever is wrong with that goes to `complain`. */
export async function messagesOf(
  keys: Keys,
  file: string,
  yaml: FileText,
  complain: (problem: RoleFileProblem) => void,
): Promise<RoleMessages> {
  const own = await Promise.all(
    (keys.protocols ?? []).map(async (path, index) => {
      const loaded = await protocolsIn(resolve(dirname(file), path))
      if (Array.isArray(loaded)) return loaded
      complain({ code: 'file-protocol', ...yaml.problem(['protocols', index], `"${path}" ${loaded}`) })
      return []
    }),
  )
  const known = new Map<string, MessageDefinition>()
  for (const { messages } of [...BUILT_IN, ...own.flat()])
    for (const message of Object.values(messages)) known.set(message.type, message)

  /** In a file with a protocol that did not load, its messages are not to blame. */
  const isWhole = own.every((protocols) => protocols.length > 0)
  function named(type: string, path: readonly PropertyKey[]): MessageDefinition[] {
    const message = known.get(type)
    if (message !== undefined) return [message]
    const hint = `${meant(type, [...known.keys()])} Name a module of your own protocol under "protocols"`
    if (isWhole)
      complain({ code: 'file-message', ...yaml.problem(path, `there is no message "${type}": ${hint}`) })
    return []
  }
  const answersTo = ({ answeredBy }: MessageDefinition) => answeredBy.flatMap((type) => known.get(type) ?? [])

  /** What is taken and never answered would leave its sender waiting. */
  function answerable(message: MessageDefinition, path: readonly PropertyKey[], why: string): boolean {
    if (answersTo(message).length > 0) return true
    complain({ code: 'file-message', ...yaml.problem(path, `nothing answers "${message.type}": ${why}`) })
    return false
  }

  const accepts = keys.accepts.flatMap((type, index) =>
    named(type, ['accepts', index]).filter((message) =>
      answerable(message, ['accepts', index], 'a role in Markdown takes what it can answer'),
    ),
  )
  const answers =
    keys.answers?.flatMap((type, index) => named(type, ['answers', index])) ?? accepts.flatMap(answersTo)
  for (const [index, { type, answeredBy }] of accepts.entries()) {
    if (keys.answers === undefined || answeredBy.some((answer) => keys.answers!.includes(answer))) continue
    const text = `"${type}" is answered by ${answeredBy.join(', ')}, and the role answers none of it: add it to "answers"`
    complain({ code: 'file-message', ...yaml.problem(['accepts', index], text) })
  }
  const asks = Object.entries(keys.asks ?? {}).flatMap(([role, type]) =>
    named(type, ['asks', role])
      .filter((message) => answerable(message, ['asks', role], 'ask what has an answer'))
      .map((message) => [role, { message, answers: answersTo(message) }] as const),
  )
  return { accepts: once(accepts), answers: once(answers), asks: Object.fromEntries(asks) }
}

const once = <T>(values: readonly T[]): T[] => [...new Set(values)]

/** The protocols that a module exports, or what is wrong with it. */
async function protocolsIn(path: string): Promise<Protocol[] | string> {
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(path).href)
    const protocols = [...new Set(Object.values(module).filter(isProtocol))]
    return protocols.length > 0
      ? protocols
      : 'exports no protocol: export what defineProtocol() gives, by a name'
  } catch (error) {
    return `cannot be loaded: ${(error as Error).message}`
  }
}

const isProtocol = (value: unknown): value is Protocol =>
  typeof value === 'object' &&
  value !== null &&
  'messages' in value &&
  typeof value.messages === 'object' &&
  value.messages !== null &&
  'version' in value &&
  Object.values(value.messages).every((message) => 'type' in message && 'body' in message)
