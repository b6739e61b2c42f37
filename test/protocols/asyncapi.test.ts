import specs from '@asyncapi/specs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toAsyncApi } from '../../protocols/asyncapi.ts'
import { defineProtocol } from '../../protocols/define.ts'
import { HEADER } from '../../protocols/envelope.ts'
import { failure } from '../../protocols/failure.ts'
import { peerId, roleName } from '../../protocols/ids.ts'
import { schemaName } from '../../protocols/json-schema.ts'
import { PRESENCE_SUBJECT } from '../../protocols/presence.ts'
import { review } from '../../protocols/review.ts'
import { run } from '../../protocols/run.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import type { RecordEntry } from '../../src/bus/records.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { deadLetters } from '../../src/turn/dead-letters.ts'
import { referencesIn, resolve } from './references.ts'
import { protocols, samples } from './samples.ts'

type Reference = { readonly $ref: string }
type Document = {
  readonly servers: Record<string, { readonly host: string; readonly protocol: string }>
  readonly channels: Record<
    string,
    {
      readonly address: string
      readonly parameters?: Record<string, { readonly description: string }>
      readonly messages: Record<string, Reference>
    }
  >
  readonly operations: Record<
    string,
    {
      readonly action: string
      readonly channel: Reference
      readonly messages: Reference[]
      readonly reply?: { readonly channel: Reference; readonly messages: Reference[] }
    }
  >
  readonly components: {
    readonly messages: Record<string, Record<string, unknown>>
    readonly schemas: Record<
      string,
      { readonly properties: Record<string, { readonly description: string }> }
    >
  }
}

const generate = (of = protocols, serverUrl?: string) =>
  toAsyncApi(of, { version: '1.2.3', ...(serverUrl && { serverUrl }) }) as Document

const definitions = protocols.flatMap((protocol) => Object.values(protocol.messages))
const answersIn = (document: Document, operation: string) =>
  document.operations[operation]!.reply?.messages.map(({ $ref }) => $ref.split('/').at(-1))

/** Checks documents against the official schema, which brings its own draft-07 along and annotates itself freely. */
const official = addFormats
  .default(new Ajv({ allErrors: true, strict: false, meta: false, validateSchema: false }))
  .compile(specs.schemas['3.0.0'] as object)

describe('toAsyncApi', () => {
  const document = generate()
  const ajv = new Ajv({ allErrors: true, keywords: ['components', 'x-type', 'x-version'] })
  ajv.addSchema({ components: document.components }, 'skein', undefined, false)
  const schemaAt = (pointer: string) => ajv.compile({ $ref: `skein#/${pointer}` })

  it.each([
    ['all protocols', protocols],
    ['a protocol whose answers are unknown', [review]],
    ['no protocol', []],
  ])('validates against the official schema with %s', (_, some) => {
    official(generate(some))
    expect(official.errors).toBeNull()
  })

  it('is held to the official schema by these tests', () => {
    const shouted = structuredClone(document) as { operations: Record<string, { action: string }> }
    shouted.operations['send.task.request.v1']!.action = 'shout'
    expect(official(shouted)).toBe(false)
  })

  it.each([
    ['all protocols', protocols],
    ['a protocol whose answers are unknown', [review]],
  ])('resolves every reference within itself with %s', (_, some) => {
    const made = generate(some)
    const references = referencesIn(made)
    expect(references).not.toEqual([])
    for (const reference of references) expect(resolve(made, reference), reference).toBeTypeOf('object')
  })

  it('refers from operations only to messages that their channel lists', () => {
    for (const { channel, messages, reply } of Object.values(document.operations)) {
      for (const { $ref } of messages) expect($ref.startsWith(`${channel.$ref}/messages/`)).toBe(true)
      for (const { $ref } of reply?.messages ?? []) {
        expect($ref.startsWith(`${reply!.channel.$ref}/messages/`)).toBe(true)
      }
    }
  })

  it('describes every parameter of an address', () => {
    for (const { address, parameters = {} } of Object.values(document.channels)) {
      const named = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(Object.keys(parameters)).toEqual(named)
      for (const { description } of Object.values(parameters)) expect(description).not.toBe('')
    }
  })

  it('has a channel for each kind of mailbox and for each signal', () => {
    expect(Object.values(document.channels).map(({ address }) => address)).toEqual([
      'skein.mail.role.{role}',
      'skein.mail.peer.{peer}',
      'skein.record.dead.{run}.{digest}.$',
      ...Object.values(PRESENCE_SUBJECT).map((subject) => `skein.signal.${subject}`),
    ])
  })

  it('lets a peer send and receive every message', () => {
    for (const definition of definitions) {
      for (const action of ['send', 'receive']) {
        expect(document.operations[`${action}.${schemaName(definition)}`]).toMatchObject({ action })
      }
    }
  })

  it('keeps signals out of the mailboxes', () => {
    const mail = Object.keys(document.channels.roleMailbox!.messages)
    expect(mail).toContain('task.request.v1')
    expect(mail.filter((name) => name.startsWith('presence.'))).toEqual([])
    expect(Object.keys(document.channels['presence.beat']!.messages)).toEqual(['presence.beat.v1'])
  })

  it('replies with what may answer, from any protocol, or with a failure', () => {
    expect(answersIn(document, 'send.question.ask.v1')).toEqual(['question.answer.v1', 'failure.v1'])
    expect(answersIn(document, 'receive.review.request.v1')).toEqual(['run.result.v1', 'failure.v1'])
    expect(document.components.messages['review.request.v1']).toMatchObject({
      'x-answered-by': ['run.result', 'failure'],
    })
  })

  it('expects no reply to what nobody answers', () => {
    expect(answersIn(document, 'send.task.result.v1')).toBeUndefined()
    expect(document.components.messages['task.result.v1']).not.toHaveProperty('x-answered-by')
  })

  it('does not mix versions of one protocol in a reply, and takes any version of another', () => {
    const wave = (version: number) =>
      defineProtocol(
        'wave',
        version,
        { hello: z.object({}), back: z.object({}) },
        { hello: ['back', 'run.result'] },
      )
    const runs = defineProtocol('run', 2, { result: z.object({}) })
    const made = generate([wave(1), wave(2), run, runs, failure])
    expect(answersIn(made, 'send.wave.hello.v1')).toEqual([
      'wave.back.v1',
      'run.result.v1',
      'run.result.v2',
      'failure.v1',
    ])
  })

  it('describes every header of the envelope', () => {
    const { properties } = document.components.schemas.envelope!
    expect(Object.keys(properties).sort()).toEqual(Object.values(HEADER).sort())
    for (const { description } of Object.values(properties)) expect(description).not.toBe('')
  })

  it('describes a dead letter as it is stored', async () => {
    const { records } = memoryNetwork({ clock: virtualClock(), random: seededRandom(1) }).connect('reader')
    const validate = schemaAt('components/messages/deadLetter/payload')
    const frame = { headers: { [HEADER.run]: 'r1' }, body: new Uint8Array([255]) }
    const mailbox = { kind: 'role', role: roleName('coder') } as const
    await deadLetters(records).bury(frame, { reason: 'no JSON', mailbox, by: peerId('coder-1'), at: 1 })
    const [{ key, value }] = (await records.latest('dead')) as [RecordEntry]
    const letter = JSON.parse(new TextDecoder().decode(value)) as object
    expect(key).toMatch(/^dead\.r1\.[0-9a-f]{16}$/)
    expect(validate(letter), JSON.stringify(validate.errors)).toBe(true)
    expect(validate({ ...letter, body: null })).toBe(true)
    expect(validate({ ...letter, mailbox: 'role.coder' })).toBe(false)
  })

  it('tells messages of one channel apart by type and version', () => {
    const headers = {
      [HEADER.id]: 'r1/plan>r1/write#1',
      [HEADER.type]: 'task.request',
      [HEADER.version]: '1',
      [HEADER.from]: 'planner/planner-1',
      [HEADER.to]: 'coder',
      [HEADER.run]: 'r1',
      [HEADER.deadline]: '1000',
      [HEADER.hops]: '8',
      [HEADER.stake]: '1p3',
      [HEADER.sentAt]: '10',
      [HEADER.traceparent]: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }
    const takers = Object.keys(document.channels.roleMailbox!.messages).filter((name) =>
      schemaAt(`components/messages/${name}/headers`)(headers),
    )
    expect(takers).toEqual(['task.request.v1'])
  })

  it.each(definitions)('agrees with zod about the payload of $type', (definition) => {
    const validate = schemaAt(`components/messages/${schemaName(definition)}/payload`)
    const { good, bad } = samples[definition.type]!
    for (const body of good) expect(validate(body), JSON.stringify(validate.errors)).toBe(true)
    for (const body of bad) expect(validate(body), JSON.stringify(body)).toBe(false)
  })

  it('names the server, and nothing secret that its URL holds', () => {
    expect(generate().servers.nats).toMatchObject({ host: 'localhost:4222', protocol: 'nats' })
    const guarded = generate(protocols, 'nats://ada:secret@bus.example.org:4333')
    expect(guarded.servers.nats).toMatchObject({ host: 'bus.example.org:4333' })
    expect(JSON.stringify(guarded)).not.toContain('secret')
    expect(generate(protocols, 'bus.example.org:4333').servers.nats!.host).toBe('bus.example.org:4333')
  })

  it.each(['nats://', 'nats://a b', ':'])('refuses "%s" as the URL of a server', (url) => {
    expect(() => generate(protocols, url)).toThrow(expect.objectContaining({ code: 'invalid.server-url' }))
  })
})
