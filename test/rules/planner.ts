/** A planner: looks at the files and at what fails, reads what matters, then plans. */
import type { Subject } from '../../protocols/task.ts'
import { type Chat, calls, corrected, heard } from './chat.ts'
import {
  commentAbove,
  type Failure,
  filesListed,
  filesSeen,
  framesOf,
  importsIn,
  lastReport,
} from './files.ts'
import type { Feature } from './known/feature.ts'
import { FEATURES } from './known/limit.ts'
import { answer, call, type Rule } from './rule.ts'

const goalOf = (chat: Chat): string => heard<{ goal: string }>(chat, 'run.goal')[0]?.goal ?? ''

const featureOf = (chat: Chat): Feature | undefined => FEATURES.find((one) => one.isAskedBy(goalOf(chat)))

const read = (path: string) => ({ tool: 'read_file', input: { path } })

/** Code that only says that it is to be written, with the tests that fail because of it. */
type Missing = Omit<Subject, 'doc'> & {
  readonly tests: readonly string[]
  readonly testFiles: readonly string[]
}

/** Whose fault it is that a test fails: the innermost frame, where nothing but its own file lies before the test. */
function missingIn(failed: readonly Failure[]): readonly Missing[] {
  const found = new Map<string, { file: string; failures: Failure[] }>()
  for (const failure of failed.filter(({ error }) => error.includes('not implemented'))) {
    const [inner, ...outer] = framesOf(failure)
    if (inner === undefined) continue
    const one = found.get(inner.name) ?? { file: inner.file, failures: [] }
    found.set(inner.name, one)
    const isDirect = outer.every(({ file }) => file === inner.file || file === failure.file)
    if (isDirect) one.failures.push(failure)
  }
  return [...found].map(([name, { file, failures }]) => ({
    name,
    file,
    tests: failures.map((failure) => failure.name),
    testFiles: [...new Set(failures.map((failure) => failure.file))],
  }))
}

/** `parseCsv` as part of a task's name. */
const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function planForMissing(chat: Chat): Record<string, unknown> | undefined {
  const missing = missingIn(lastReport(chat)?.failed ?? [])
  if (missing.length === 0) return undefined
  const files = filesSeen(chat)
  const tasks = missing.flatMap(({ name, file, tests, testFiles }) => {
    const text = files.get(file) ?? ''
    const subject = { file, name, doc: commentAbove(text, name) }
    const used = missing.filter((other) => other.name !== name && importsIn(text).includes(other.name))
    const lookUp = `look-up-${dashed(name)}`
    return [
      {
        name: lookUp,
        role: 'researcher',
        title: `find code for ${name}`,
        instructions: `Find how ${name} is to be written: code that does what its comment says.`,
        subject,
        needs: [],
        checks: [],
        files: [],
      },
      {
        name: `write-${dashed(name)}`,
        role: 'coder',
        title: `write ${name}`,
        instructions: `Write ${name} in ${file}, where it only throws now. Its comment says what it does, and so do the tests in ${testFiles.join(' and ')}.`,
        subject,
        needs: [lookUp, ...used.map((other) => `write-${dashed(other.name)}`)],
        checks: [{ kind: 'tests', names: tests }],
        files: [file],
      },
    ]
  })
  return { tasks, criteria: ['all tests pass', 'no test was changed'] }
}

function planForFeature(feature: Feature, chat: Chat): Record<string, unknown> {
  const { question, pieces, criteria } = feature
  const files = filesSeen(chat)
  const before = [...new Set(lastReport(chat)?.passed ?? [])]
  const tasks = pieces.map(({ task, title, instructions, subject, needs, tests, writes }) => ({
    name: task,
    role: 'coder',
    title,
    instructions,
    subject: subject && { ...subject, doc: commentAbove(files.get(subject.file) ?? '', subject.name) },
    needs,
    checks: [{ kind: 'tests', names: tests.length > 0 ? tests : before }],
    files: writes.map(({ path }) => path),
  }))
  const lookUp = {
    name: question.task,
    role: 'researcher',
    title: question.title,
    instructions: question.instructions,
    subject: null,
    needs: [],
    checks: [],
    files: [],
  }
  return { tasks: [lookUp, ...tasks], criteria }
}

const planFor = (chat: Chat) => {
  const feature = featureOf(chat)
  return feature === undefined ? planForMissing(chat) : planForFeature(feature, chat)
}

export const PLANNER: readonly Rule[] = [
  {
    name: 'planner: looks around',
    reply: (chat) =>
      calls(chat).length > 0
        ? undefined
        : call(
            chat,
            [
              { tool: 'list_files', input: {} },
              { tool: 'run_tests', input: {} },
              read('README.md'),
              // Where the code of most packages is; not of all.
              read('src/index.js'),
            ],
            'Let me see what is there, and what fails.',
          ),
  },
  {
    name: 'planner: reads what has to be written',
    reply: (chat) => {
      const seen = filesSeen(chat)
      const files = missingIn(lastReport(chat)?.failed ?? []).map(({ file }) => file)
      const unread = [...new Set(files)].filter((file) => !seen.has(file))
      return call(chat, unread.map(read), `These throw still: ${unread.join(', ')}.`)
    },
  },
  {
    name: 'planner: reads what a feature touches',
    reply: (chat) => {
      const seen = filesSeen(chat)
      const listed = filesListed(chat)
      const files = (featureOf(chat)?.pieces ?? []).flatMap(({ reads }) => reads)
      const unread = [...new Set(['package.json', ...files])].filter(
        (file) => listed.includes(file) && !seen.has(file),
      )
      if (featureOf(chat) === undefined) return undefined
      return call(chat, unread.map(read), 'The code is elsewhere. I read it, its types and its tests.')
    },
  },
  {
    name: 'planner: forgets the criteria',
    reply: (chat) => {
      const plan = corrected(chat) || featureOf(chat) !== undefined ? undefined : planForMissing(chat)
      return plan && { json: { tasks: plan.tasks } }
    },
  },
  {
    name: 'planner: talks around its plan',
    reply: (chat) => {
      const feature = featureOf(chat)
      if (feature === undefined || corrected(chat)) return undefined
      const plan = JSON.stringify(answer(chat, planForFeature(feature, chat)).json, null, 2)
      return {
        text: `Here is how I would go about it:\n\n\`\`\`json\n${plan}\n\`\`\`\n\nTell me what you think!`,
      }
    },
  },
  {
    name: 'planner: plans',
    reply: (chat) => {
      const plan = planFor(chat)
      return plan && answer(chat, plan)
    },
  },
]
