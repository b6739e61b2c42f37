/**
 * Review loop: an author submits work, a reviewer approves it or says what to change, so many rounds at most. A verdict
 * names what was seen, so it says nothing about any other work. What is submitted and found is the user's, so each use
 * has a protocol of its own.
 */
import { z } from 'zod'
import { defineProtocol, type Protocol } from './define.ts'
import { blobHashSchema } from './ids.ts'

/**
 * @param name of the protocol: `essay` makes `essay.submit`
 * @throws InvalidError `invalid.protocol` for a name that cannot be one
 * @example
 * const essay = reviewLoop('essay', { work: z.object({ text: z.string() }), finding: z.string() })
 */
export function reviewLoop<const Name extends string, Work extends z.ZodType, Finding extends z.ZodType>(
  name: Name,
  schemas: { readonly work: Work; readonly finding: Finding },
): ReviewLoop<Name, Work, Finding> {
  return defineProtocol(name, 1, bodiesOf(schemas), { submit: ['approve', 'revise'] })
}

function bodiesOf<Work extends z.ZodType, Finding extends z.ZodType>(schemas: {
  readonly work: Work
  readonly finding: Finding
}) {
  return {
    submit: z.object({
      work: schemas.work,
      /** 1 for the first time that it is submitted. */
      round: z.number().int().positive(),
      /** Whatever the verdict, nothing is submitted after this. */
      isLast: z.boolean(),
    }),
    /** `seen`: SHA-256 of the work, as JSON with sorted keys. */
    approve: z.object({ seen: blobHashSchema }),
    revise: z.object({ seen: blobHashSchema, findings: z.array(schemas.finding).min(1) }),
  }
}

export type ReviewLoop<Name extends string, Work extends z.ZodType, Finding extends z.ZodType> = Protocol<
  Name,
  ReturnType<typeof bodiesOf<Work, Finding>>
>
