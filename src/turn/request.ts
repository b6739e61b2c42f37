/** Requests: messages taken that owe an answer. */
import type { Envelope } from '../../protocols/envelope.ts'
import type { Behaviour } from './behaviour.ts'
import type { Draft } from './draft.ts'
import { fail } from './outgoing.ts'
import type { Request } from './record.ts'

/** The answer that a message asks for, or null. */
export function requestOf(behaviour: Behaviour, message: Envelope): Request | null {
  const answeredBy = behaviour.accepts.get(message.type)?.answeredBy ?? []
  return answeredBy.length === 0 ? null : { ...plainRequest(message), answeredBy: [...answeredBy] }
}

/** A request whose protocol is not known here: only a failure can answer it, and who waits for none drops that. */
export const plainRequest = ({
  id,
  type,
  from,
  slip = [],
}: Pick<Request, 'id' | 'type' | 'from'> & { readonly slip?: Envelope['slip'] }): Request => ({
  id,
  type,
  from,
  slip: [...slip],
  answeredBy: [],
})

/** Tells whoever asks, where anybody does, that it is not done. */
export function refuse(draft: Draft, request: Request | null, reason: string): void {
  if (request !== null) fail(draft, request, 'refused', reason)
}
