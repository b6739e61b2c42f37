/**
 * The names of an installation. All are under its prefix, so that several share one server and never meet.
 */
import { InvalidError } from '../../../protocols/errors.ts'
import { peerIdSchema, roleNameSchema } from '../../../protocols/ids.ts'
import { type Mailbox, mailboxSubject } from '../mailboxes.ts'
import { type KeySpace, keySpace } from './key-space.ts'

export type Subjects = {
  readonly mailStream: string
  readonly recordStream: string
  readonly leaseStream: string
  readonly blobBucket: string
  readonly records: KeySpace
  readonly leases: KeySpace
  /** Matches every mailbox. */
  readonly allMail: string
  mail(mailbox: Mailbox): string
  /** What `mail` was made of; undefined for what somebody else sent there. */
  mailboxOf(subject: string): Mailbox | undefined
  signal(subject: string): string
  /** What `signal` was made of. */
  signalOf(subject: string): string
}

/** @throws InvalidError */
export function subjectsOf(prefix: string): Subjects {
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(prefix)) {
    throw new InvalidError(
      'prefix',
      `"${prefix}" cannot be a prefix: use 1 to 32 of a-z, 0-9, "-" and "_", and begin with a letter or digit`,
    )
  }
  const [mail, signal, stream] = [`${prefix}.mail.`, `${prefix}.signal.`, prefix.toUpperCase()]
  return {
    mailStream: `${stream}_MAIL`,
    recordStream: `${stream}_RECORDS`,
    leaseStream: `${stream}_LEASES`,
    blobBucket: `${prefix}-blobs`,
    records: keySpace(`${prefix}.record.`),
    leases: keySpace(`${prefix}.lease.`),
    allMail: `${mail}>`,
    mail: (mailbox) => mail + mailboxSubject(mailbox),
    mailboxOf: (subject) => parseMailbox(subject.slice(mail.length)),
    signal: (subject) => signal + subject,
    signalOf: (subject) => subject.slice(signal.length),
  }
}

function parseMailbox(text: string): Mailbox | undefined {
  if (text === 'dead') return { kind: 'dead' }
  const dot = text.indexOf('.')
  const [kind, name] = [text.slice(0, dot), text.slice(dot + 1)]
  if (kind === 'role') {
    const role = roleNameSchema.safeParse(name)
    return role.success ? { kind, role: role.data } : undefined
  }
  if (kind === 'peer') {
    const peer = peerIdSchema.safeParse(name)
    return peer.success ? { kind, peer: peer.data } : undefined
  }
  return undefined
}
