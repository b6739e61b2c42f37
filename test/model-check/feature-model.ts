/**
 * A model made of rules that adds a function, its tests and its place in the README, as the four roles do it. Its coder
 * first also changes what it may not, and its reviewer first sends work back to nobody: both are told.
 */
import type { StubMessage, StubReply, StubScript } from '../model/openai-stub.ts'

const CODE = `
/**
 * The way back from timeOfDay.
 *
 * @param {string} text
 * @returns {number}
 */
export function minutesOf(text) {
  const [, hours, minutes] = /^([01]\\d|2[0-3]):([0-5]\\d)$/.exec(text) ?? []
  if (hours === undefined) throw new RangeError(\`"\${text}" is no time of day\`)
  return Number(hours) * 60 + Number(minutes)
}
`
const TEST = `import assert from 'node:assert/strict'
import { it } from 'node:test'
import { minutesOf } from '../src/time-of-day.js'

it('minutesOf reads a time of day', () => assert.equal(minutesOf('07:05'), 425))
`
const NEW_TEST = 'minutesOf reads a time of day'

const call = (name: string, input: unknown): StubReply => ({ calls: [{ name, arguments: input }] })
const read = (path: string) => call('read_file', { path, from: null, to: null })
const write = (path: string, text: string) => call('write_file', { path, text })

export const featureModel: StubScript = ({ messages }) => {
  const role = /^You are the (\w+)\./.exec(messages[0]?.content ?? '')?.[1] ?? ''
  return { ...RULES[role]!(messages), usage: { input: 100, output: 10 } }
}

const callsIn = (messages: readonly StubMessage[]) =>
  messages.flatMap(({ tool_calls = [] }) => tool_calls).length
const isCorrected = (messages: readonly StubMessage[]) =>
  messages.some(({ content }) => content?.startsWith('[correction]'))

const RULES: Readonly<Record<string, (messages: readonly StubMessage[]) => StubReply>> = {
  planner: (messages) => (callsIn(messages) === 0 ? read('src/time-of-day.js') : { json: PLAN }),
  coder(messages) {
    const results = messages.filter(({ role }) => role === 'tool').map(({ content }) => JSON.parse(content!))
    switch (callsIn(messages)) {
      case 0:
        return read('src/time-of-day.js')
      case 1:
        return write('src/time-of-day.js', results[0].text + CODE)
      case 2:
        return write('test/minutes-of.test.js', TEST)
      case 3:
        return read('README.md')
      case 4:
        return write(
          'README.md',
          `${results[3].text}\ntimeOfDay(425) is 07:05, and minutesOf('07:05') is 425.\n`,
        )
      case 5:
        return write('package.json', '{}')
      case 6:
        return isCorrected(messages) ? call('run_tests', { names: null }) : { json: WORK }
      default:
        return { json: WORK }
    }
  },
  reviewer(messages) {
    if (callsIn(messages) === 0) return call('show_changes', { paths: null })
    if (callsIn(messages) === 1) return call('run_tests', { names: null })
    const findings = [{ what: 'the README says how', detail: 'it does' }]
    return isCorrected(messages)
      ? { json: { ...VERDICT, approved: true } }
      : { json: { ...VERDICT, approved: false, revisions: [{ task: 'whoever', findings }] } }
  },
}

const PLAN = {
  tasks: [
    {
      ...{
        name: 'minutes-of',
        role: 'coder',
        title: 'add minutesOf',
        instructions: 'Add it.',
        subject: null,
      },
      checks: [{ kind: 'tests', names: [NEW_TEST] }, { kind: 'suite' }],
      ...{ needs: [], files: ['src/time-of-day.js', 'test/', 'README.md'] },
    },
  ],
  criteria: ['the suite passes', 'the README says how'],
}
const WORK = { summary: 'added minutesOf', changed: true, sources: [], failing: [], openPoints: [] }
const VERDICT = { summary: 'it is there', revisions: [], failing: [], openPoints: [] }
