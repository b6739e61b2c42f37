/** What the types of the kit for tests promise. Checked by `tsc`; nothing here runs. */
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { answer, type TestMesh } from '../../src/testing/index.ts'
import { type Equal, holds } from './holds.ts'

const { go, report } = defineProtocol(
  'errand',
  1,
  { go: z.object({ what: z.string() }), report: z.object({ done: z.number().default(0) }) },
  { go: ['report'] },
).messages

export async function errand(mesh: TestMesh): Promise<void> {
  const reply = await mesh.ask('runner', go, { what: 'milk' })
  holds<Equal<typeof reply.body, unknown>>()
  // @ts-expect-error: the body is that of the message
  await mesh.ask('runner', go, { where: 'shop' })
  // @ts-expect-error: as it is in a run
  await mesh.run({ to: 'runner', message: go, body: {} })

  const only = mesh.onlyMessage(report)
  holds<Equal<typeof only.body, { done: number }>>()
  holds<Equal<typeof only.type, 'errand.report'>>()
  holds<Equal<(typeof mesh.messages)[number]['body'], unknown>>()
  const named = mesh.messagesOf('errand.go')
  holds<Equal<(typeof named)[number]['type'], 'errand.go'>>()

  answer(report, {}) // what it takes is what may be sent
  answer('errand.anything', { of: 'any shape' })
  // @ts-expect-error: a definition has its body
  answer(report, { done: 'all' })
}
