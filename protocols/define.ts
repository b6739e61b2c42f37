/**
 * A protocol: a named, versioned set of message schemas, and which message may answer which. Types are inferred
 * from the schemas; bodies are plain JSON, so what is parsed is what was sent.
 */
import type { z } from 'zod'
import { InvalidError } from './errors.ts'

/** `task.request`; a message named like its protocol is called by that name alone: `failure`. */
export type MessageType<Protocol extends string, Name extends string> = Name extends Protocol
  ? Protocol
  : `${Protocol}.${Name}`

export interface MessageDefinition<Type extends string = string, Body extends z.ZodType = z.ZodType> {
  readonly type: Type
  readonly protocol: string
  /** Version of the protocol. A message of another version is refused, with both versions named. */
  readonly version: number
  readonly body: Body
  /** Types that may answer it. None: nobody waits for an answer. */
  readonly answeredBy: readonly string[]
}

/** The message of a definition, as type and body. Distributes over a union of definitions. */
export type MessageOf<Definition> =
  Definition extends MessageDefinition<infer Type, infer Body>
    ? { readonly type: Type; readonly body: z.output<Body> }
    : never

export interface Protocol<
  Name extends string = string,
  Bodies extends Record<string, z.ZodType> = Record<string, z.ZodType>,
> {
  readonly name: Name
  readonly version: number
  readonly messages: {
    readonly [Key in keyof Bodies & string]: MessageDefinition<MessageType<Name, Key>, Bodies[Key]>
  }
}

const NAME = /^[a-z][a-z0-9-]*$/

/**
 * Declares a protocol.
 *
 * @param answers for each message that expects an answer, the messages that may answer it: names of this protocol,
 * or whole types of another (`run.result`). A `failure` may always answer.
 * @throws InvalidError `invalid.protocol`
 * @example
 * const greeting = defineProtocol('greeting', 1, { hello: z.object({ name: z.string() }), welcome: z.object({}) }, { hello: ['welcome'] })
 * greeting.messages.hello.type
 * //                      ^? 'greeting.hello'
 */
export function defineProtocol<const Name extends string, const Bodies extends Record<string, z.ZodType>>(
  name: Name,
  version: number,
  bodies: Bodies,
  answers: { readonly [Key in keyof Bodies]?: readonly string[] } = {},
): Protocol<Name, Bodies> {
  const typeOf = (message: string) =>
    message === name ? name : message.includes('.') ? message : `${name}.${message}`
  for (const text of [name, ...Object.keys(bodies)]) {
    if (!NAME.test(text))
      throw new InvalidError('protocol', `"${text}" cannot name a protocol or message: use a-z, 0-9, "-"`)
  }
  if (!Number.isInteger(version) || version < 1) {
    throw new InvalidError('protocol', `protocol "${name}" has version ${version}: use a whole number from 1`)
  }
  const messages: Record<string, MessageDefinition> = {}
  for (const [key, body] of Object.entries(bodies)) {
    const answeredBy = (Object.hasOwn(answers, key) ? (answers[key] ?? []) : []).map((answer) => {
      if (!answer.includes('.') && !Object.hasOwn(bodies, answer)) {
        throw new InvalidError(
          'protocol',
          `"${name}.${key}" is answered by "${answer}", which protocol "${name}" does not have`,
        )
      }
      return typeOf(answer)
    })
    messages[key] = { type: typeOf(key), protocol: name, version, body, answeredBy }
  }
  return { name, version, messages } as unknown as Protocol<Name, Bodies>
}
