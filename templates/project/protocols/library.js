/** What may be said to the librarian, and what it answers. */
import { defineProtocol } from 'skein/protocols'
import { z } from 'zod'

export const library = defineProtocol(
  'library',
  1,
  {
    ask: z.object({ question: z.string().min(1) }),
    tell: z.object({
      text: z.string().describe('the answer, in Markdown; what the documents do not say is named as such'),
      pages: z.array(z.string()).describe('paths of the documents that the answer rests on'),
    }),
  },
  { ask: ['tell'] },
)
