/** A coder: reads, changes, runs the tests, and says what they said. What it claims, a tool has told it. */
import type { Finding, TaskRequest } from '../../protocols/task.ts'
import { type Called, type Chat, calls, heard, latest, since } from './chat.ts'
import { type Failure, filesSeen, lastReport } from './files.ts'
import { changedText, edited, type Piece } from './known/feature.ts'
import { type KnownFunction, knownFunction } from './known/functions.ts'
import { FEATURES } from './known/limit.ts'
import { answer, call, type Rule } from './rule.ts'

const taskOf = (chat: Chat): TaskRequest => heard<TaskRequest>(chat, 'task.request')[0]!

/** The chat of the work at hand: since work came back, where it did. */
const now = (chat: Chat): Chat => since(chat, 'task.request', 'task.result', 'review.revise')

const isSentBack = (chat: Chat): boolean => heard(chat, 'review.revise').length > 0

const pieceOf = (chat: Chat): Piece | undefined =>
  FEATURES.flatMap(({ pieces }) => pieces).find((piece) => piece.isAskedBy(taskOf(chat).title))

const namesOf = ({ checks }: TaskRequest): readonly string[] =>
  checks.flatMap((check) => (check.kind === 'tests' ? check.names : []))

const CHANGING = ['write_file', 'replace_declaration']
const changesIn = (chat: Chat) =>
  calls(chat).filter(({ tool, error }) => CHANGING.includes(tool) && error === undefined)

const read = (path: string) => ({ tool: 'read_file', input: { path } })

/** What the documents have, as far as it was told, oldest first. */
function findingsIn(chat: Chat): readonly Finding[] {
  const told = heard<{ findings?: Finding[] }>(chat, 'task.result')
  const asked = calls(chat, 'ask_researcher').map(({ output }) => output as { findings?: Finding[] })
  return [...told, ...asked].flatMap(({ findings = [] }) => findings)
}

const placeOf = ({ path, line }: Finding) => `${path}:${line}`

/** Where the code stands that was put in last, if it is from a document; else all that it was told. */
function sourcesOf(chat: Chat): readonly string[] {
  const code = calls(chat, 'replace_declaration').at(-1)?.input.code
  const used = findingsIn(chat).filter((one) => code === undefined || one.code === code)
  return [...new Set(used.map(placeOf))]
}

/** Failing tests that count for the task; the others are told as open points. */
const failuresThatCount = (chat: Chat): readonly Failure[] => {
  const names = namesOf(taskOf(chat))
  return (lastReport(now(chat))?.failed ?? []).filter(({ name }) => names.includes(name))
}

const firstLines = (text: string) => text.split('\n').slice(0, 4).join(' ')

/** Rules for a function that its comment and its tests describe. */
const FUNCTION_RULES: readonly Rule[] = [
  {
    name: 'coder: reads the function and its tests',
    reply: (chat) => {
      const { subject, instructions } = taskOf(chat)
      if (subject === null || isSentBack(chat) || calls(now(chat)).length > 0) return undefined
      return call(chat, [subject.file, ...testsNamedIn(instructions)].map(read))
    },
  },
  {
    name: 'coder: runs the tests of what it put in',
    reply: (chat) => {
      const last = latest(chat)
      if (last?.tool !== 'replace_declaration' || last.error !== undefined) return undefined
      return call(chat, [{ tool: 'run_tests', input: { names: namesOf(taskOf(chat)) } }])
    },
  },
  {
    name: 'coder: tries code of the documents',
    reply: (chat) => {
      if (isSentBack(chat) || isDone(chat)) return undefined
      const candidate = wroteItself(chat) ? undefined : untried(chat)[0]
      return candidate && put(chat, candidate.code, `I try what stands in ${candidate.path}.`)
    },
  },
  {
    name: 'coder: asks for other code',
    reply: (chat) => {
      // Where all but one pass, somebody may have mended that already; else it is quicker to write it anew.
      const [failure, ...others] = failuresThatCount(chat)
      const isAsked = calls(chat, 'ask_researcher').length > 0
      if (isSentBack(chat) || isAsked || wroteItself(chat)) return undefined
      if (failure === undefined || others.length > 0) return undefined
      const { subject } = taskOf(chat)
      const question =
        `${subject!.name} as it stands there fails at "${failure.name}": ${firstLines(failure.error)}. ` +
        'Do the documents have other code for it?'
      return call(chat, [
        { tool: 'ask_researcher', input: { question, subject, known: findingsIn(chat).map(placeOf) } },
      ])
    },
  },
  {
    name: 'coder: writes it by itself',
    reply: (chat) => {
      const known = functionOf(chat)
      if (isSentBack(chat) || isDone(chat) || known === undefined || wroteItself(chat)) return undefined
      return put(chat, known.code, 'None of these does it. I know how to write that.')
    },
  },
  {
    name: 'coder: looks again at what came back',
    reply: (chat) => {
      const { subject } = taskOf(chat)
      if (subject === null || !isSentBack(chat) || calls(now(chat)).length > 0) return undefined
      return call(chat, [read(subject.file)])
    },
  },
  {
    name: 'coder: sees the mistake in what it took over',
    reply: (chat) => {
      const known = functionOf(chat)
      const text = known && filesSeen(now(chat)).get(taskOf(chat).subject!.file)
      if (!isSentBack(chat) || known === undefined || text === undefined) return undefined
      const flaw = known.flaws.find(({ looks }) => looks.test(text))
      return flaw && put(chat, known.code, `I see: ${flaw.wrong}.`)
    },
  },
]

const testsNamedIn = (text: string): readonly string[] => [...new Set(text.match(/\btest\/[\w./-]*\w/g))]

const functionOf = (chat: Chat): KnownFunction | undefined => {
  const { subject } = taskOf(chat)
  return pieceOf(chat) === undefined && subject !== null ? knownFunction(subject.name) : undefined
}

const put = (chat: Chat, code: string, text: string) => {
  const { file, name } = taskOf(chat).subject!
  return call(chat, [{ tool: 'replace_declaration', input: { file, name, code } }], text)
}

const isTried = (chat: Chat, code: string) =>
  calls(chat, 'replace_declaration').some(({ input }) => input.code === code)

const wroteItself = (chat: Chat): boolean => {
  const known = functionOf(chat)
  return known !== undefined && isTried(chat, known.code)
}

const untried = (chat: Chat): readonly Finding[] =>
  findingsIn(chat).filter(({ code }) => !isTried(chat, code))

/** Whether the tests passed after the last change. */
const isDone = (chat: Chat): boolean =>
  changesIn(now(chat)).length > 0 &&
  lastReport(now(chat)) !== undefined &&
  failuresThatCount(chat).length === 0

/** Rules for a piece of a feature. */
const PIECE_RULES: readonly Rule[] = [
  {
    name: 'coder: looks at what it is to change',
    reply: (chat) => {
      const { guesses, reads } = pieceOf(chat)!
      if (calls(now(chat)).length > 0) return undefined
      const paths = guesses.length > 0 && !isSentBack(chat) ? guesses : reads
      const ran = isSentBack(chat) ? [{ tool: 'run_tests', input: {} }] : []
      return call(chat, [{ tool: 'list_files', input: {} }, ...paths.map(read), ...ran])
    },
  },
  {
    name: 'coder: reads the right file after a wrong path',
    reply: (chat) => {
      const seen = filesSeen(now(chat))
      const unread = pieceOf(chat)!.reads.filter((path) => !seen.has(path))
      const asked = calls(now(chat), 'read_file').map(({ input }) => input.path)
      const open = unread.filter((path) => !asked.includes(path))
      return call(chat, open.map(read), 'There is no such file. I see what there is instead.')
    },
  },
  {
    name: 'coder: runs all tests after a change',
    reply: (chat) => {
      const last = latest(chat)
      if (last?.tool !== 'write_file' || last.error !== undefined) return undefined
      return call(chat, [{ tool: 'run_tests', input: {} }])
    },
  },
  {
    name: 'coder: writes a first draft',
    reply: (chat) => {
      if (isSentBack(chat) || calls(now(chat), 'write_file').length > 0) return undefined
      const files = filesSeen(now(chat))
      const writes = pieceOf(chat)!.writes.map((change) => ({
        tool: 'write_file',
        input: { path: change.path, text: changedText(change, files) },
      }))
      const isWhole = writes.every(({ input }) => input.text !== undefined)
      return isWhole
        ? call(chat, writes, `I write ${writes.map(({ input }) => input.path).join(' and ')}.`)
        : undefined
    },
  },
  {
    name: 'coder: mends what a test showed',
    reply: (chat) => {
      const errors = (lastReport(now(chat))?.failed ?? []).map(({ error }) => error)
      const files = filesSeen(now(chat))
      for (const { sees, wrong, path, edits } of pieceOf(chat)!.mends) {
        const text = edited(files.get(path) ?? '', edits)
        if (text === undefined || !errors.some((error) => sees.test(error))) continue
        return call(chat, [{ tool: 'write_file', input: { path, text } }], wrong)
      }
      return undefined
    },
  },
]

const changedBy = (changes: readonly Called[]): string =>
  [...new Set(changes.map(({ input }) => `${input.path ?? input.file}`))].join(' and ')

const ENDS: readonly Rule[] = [
  {
    name: 'coder: delivers what passes',
    reply: (chat) => {
      if (!isDone(chat)) return undefined
      const ran = lastReport(now(chat))!
      const summary = `Changed ${changedBy(changesIn(now(chat)))}; ${ran.passed.length} tests pass.`
      return answer(chat, { summary, changed: true, sources: sourcesOf(chat), failing: [], openPoints: [] })
    },
  },
  {
    name: 'coder: delivers, and says what fails by the fault of others',
    reply: (chat) => {
      const failing = failuresThatCount(chat)
      const changes = changesIn(now(chat))
      if (changes.length === 0) return undefined
      return answer(chat, {
        summary: `Changed ${changedBy(changes)}; what still fails has its cause elsewhere.`,
        changed: true,
        sources: sourcesOf(chat),
        failing: failing.map(({ name }) => name),
        openPoints: failing.map(({ name, error }) => `"${name}" fails: ${firstLines(error)}`),
      })
    },
  },
  {
    name: 'coder: changes nothing, and says why',
    reply: (chat) => {
      const failing = heard<{ failing: string[] }>(chat, 'review.revise').at(-1)?.failing ?? []
      const refused = calls(now(chat)).flatMap(({ error }) => error ?? [])
      return answer(chat, {
        summary: isSentBack(chat)
          ? 'I read it again against what it is to do, and find nothing in it to change.'
          : `I could not do it: ${refused.join('; ')}`,
        changed: false,
        sources: [],
        failing: failing.filter((name) => namesOf(taskOf(chat)).includes(name)),
        openPoints: [
          ...refused,
          ...failing.map((name) => `"${name}" fails, and I do not see how my part causes it`),
        ],
      })
    },
  },
]

const only = (rules: readonly Rule[], applies: (chat: Chat) => boolean): readonly Rule[] =>
  rules.map(({ name, reply }) => ({ name, reply: (chat) => (applies(chat) ? reply(chat) : undefined) }))

export const CODER: readonly Rule[] = [
  ...only(PIECE_RULES, (chat) => pieceOf(chat) !== undefined),
  ...only(FUNCTION_RULES, (chat) => pieceOf(chat) === undefined),
  ...ENDS,
]
