/** Messages as properties draw them: any envelope, with the sample bodies and any JSON in a failure. */
import fc from 'fast-check'
import type { Message } from '../../protocols/envelope.ts'
import { failure } from '../../protocols/failure.ts'
import {
  conversationId,
  type MessageId,
  messageId,
  peerId,
  type RunId,
  roleName,
  runId,
} from '../../protocols/ids.ts'
import { protocols, samples } from '../protocols/samples.ts'

const token = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/)
const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`))
const number = fc.integer({ min: 1, max: 10 ** 15 - 1 })
const whole = fc.maxSafeNat()

const role = token.map(roleName)
const peer = token.map(peerId)
const run = token.map(runId)
/** Everything that a message names is of its own run. */
const within = (of: RunId) => {
  const conversation = token.map((name) => conversationId(of, name))
  const correlation: fc.Arbitrary<MessageId> = fc
    .tuple(conversation, conversation, number)
    .map((parts) => messageId(...parts))
  const stop = fc.record(
    { role, conversation, peer, correlation },
    { requiredKeys: ['role', 'conversation'] },
  )
  return { correlation, stop }
}

/** Any JSON but `__proto__`, a key that schemas drop. Through text once, since JSON knows no negative zero. */
const json = fc
  .json()
  .filter((text) => !text.includes('"__proto__":'))
  .map((text) => JSON.parse(JSON.stringify(JSON.parse(text))) as unknown)

const definitions = protocols.flatMap((protocol) => Object.values(protocol.messages))
const sample = fc
  .constantFrom(...definitions)
  .chain(({ type, version }) =>
    fc.constantFrom(...samples[type]!.good).map((body) => ({ type, version, body })),
  )
const failed = json.map((partial) => ({
  type: failure.messages.failure.type,
  version: failure.version,
  body: { kind: 'error', reason: 'broken', of: null, partial },
}))

export const message: fc.Arbitrary<Message> = run.chain(messageOf)

function messageOf(of: RunId): fc.Arbitrary<Message> {
  const { correlation, stop } = within(of)
  return fc
    .record({
      names: fc.record({ run: fc.constant(of), from: token, to: token, number }),
      said: fc.oneof(sample, failed),
      role,
      peer,
      to: role,
      rest: fc.record(
        {
          slip: fc.array(stop, { maxLength: 3 }),
          deadline: whole,
          hops: whole,
          sentAt: whole,
          stake: fc
            .tuple(fc.bigInt({ min: 0n, max: 2n ** 70n }), fc.nat(200))
            .map(([n, e]) => `${n.toString(16)}p${e}`),
          traceparent: fc
            .tuple(hex(32), hex(16), hex(2))
            .map(([trace, span, flags]) => `00-${trace}-${span}-${flags}`),
          correlation,
          tracestate: fc.stringMatching(/^[a-z]{1,8}=[!-+\--<>-~]{1,20}$/),
        },
        { requiredKeys: ['slip', 'deadline', 'hops', 'sentAt', 'stake', 'traceparent'] },
      ),
    })
    .map(({ names, said, role, peer, to, rest }) => {
      const from = conversationId(names.run, names.from)
      const target = conversationId(names.run, names.to)
      return {
        id: messageId(from, target, names.number),
        run: names.run,
        from: { role, peer, conversation: from },
        to: { role: to, conversation: target },
        ...said,
        ...rest,
      }
    })
}
