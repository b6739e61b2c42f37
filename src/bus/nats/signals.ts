/**
 * Signals over core NATS: what is published while the connection is down is lost, as signals may be. In a cluster the
 * other servers hear of a subscription a moment later, and what is published there until then is lost to it as well.
 */
import { errors } from '@nats-io/transport-node'
import { TooLargeError } from '../errors.ts'
import type { Signals } from '../signals.ts'
import type { Connection } from './connection.ts'
import { frameOf, headersOf } from './frames.ts'
import type { Subjects } from './subjects.ts'
import { openSubscription } from './subscription.ts'

export function natsSignals(connection: Connection, subjects: Subjects): Signals {
  return {
    publish(subject, frame) {
      connection.assertOpen()
      if (!connection.isUp()) return
      try {
        connection.nats.publish(subjects.signal(subject), frame.body, { headers: headersOf(frame) })
      } catch (error) {
        if (!(error instanceof errors.InvalidArgumentError)) throw error
        throw new TooLargeError(
          `the signal "${subject}"`,
          frame.body.length,
          connection.server().max_payload,
          { cause: error },
        )
      }
    },
    subscribe(pattern) {
      return openSubscription(connection, subjects.signal(pattern), (message) => ({
        subject: subjects.signalOf(message.subject),
        frame: frameOf(message),
      }))
    },
  }
}
