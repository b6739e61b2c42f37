import { expect, it } from 'vitest'
import { question } from '../../protocols/question.ts'
import { readRole } from '../../src/role-file/read-role.ts'
import { answer, call, scriptedModel, testMesh, when } from '../../src/testing/index.ts'

const role = (name: string) => readRole(new URL(`../../examples/mending/${name}.md`, import.meta.url))
const said = (text: string) => answer(question.messages.answer, { answer: text, findings: [], sources: [] })
const asking = (text: string) => ({ question: text, subject: null, known: [] })

it('the mender of the example has its change looked at, mends it, and hands it over', async () => {
  const replace = (old: string, text: string) =>
    call('edit_file', {
      edits: [{ action: 'replace', path: 'two.js', old, new: text, all: null, to: null }],
    })
  const model = scriptedModel({
    mender: [
      replace('= 3', '= 2'),
      call('ask_critic', asking('What is wrong with it?')),
      when(/no newline/, replace('= 2', '= 2\n')),
      said('Two is two.'),
    ],
    critic: [
      call('show_changes', { paths: null }),
      when(/\+export const two = 2/, said('There is no newline at its end.')),
    ],
  })
  const mesh = await testMesh({
    roles: [await role('mender'), await role('critic')],
    model,
    workspace: { 'two.js': 'export const two = 3' },
  })
  const reply = await mesh.ask('mender', question.messages.ask, asking('Two is three.'))
  expect(reply).toMatchObject({ type: 'question.answer', body: { answer: 'Two is two.' } })
  expect(await mesh.patch()).toMatch(/\n-export const two = 3\n.*\n\+export const two = 2\n/)
  await mesh.close()
})
