/**
 * The names of an installation. All are under its prefix, so that several share one server and never meet.
 */
import { InvalidError } from '../../../protocols/errors.ts'
import { type Mailbox, mailboxSubject, parseMailbox } from '../mailboxes.ts'
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
  /** Matches all that is in a mailbox. */
  mail(mailbox: Mailbox): string
  /** For what opens something. */
  opening(mailbox: Mailbox): string
  /** For what does not. */
  following(mailbox: Mailbox): string
  /** For one message only, which the token names. */
  apart(mailbox: Mailbox, token: string): string
  /** The mailbox of a subject; undefined for what somebody else sent there. */
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
    mail: (mailbox) => `${mail}${mailboxSubject(mailbox)}.>`,
    opening: (mailbox) => `${mail}${mailboxSubject(mailbox)}.open`,
    following: (mailbox) => `${mail}${mailboxSubject(mailbox)}.more`,
    apart: (mailbox, token) => `${mail}${mailboxSubject(mailbox)}.more.${token}`,
    // What follows the first tokens says only which of a mailbox's subjects it is.
    mailboxOf: (subject) => parseMailbox(subject.slice(mail.length)),
    signal: (subject) => signal + subject,
    signalOf: (subject) => subject.slice(signal.length),
  }
}
