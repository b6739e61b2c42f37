/** A reviewer: runs everything, reads what was changed, and approves what it saw hold, or sends it back. */
import type { ReviewRequest } from '../../protocols/review.ts'
import { type Chat, calls, corrected, heard, since } from './chat.ts'
import { type Failure, filesListed, filesSeen, lastReport } from './files.ts'
import { answer, call, type Rule } from './rule.ts'

const requestOf = (chat: Chat): ReviewRequest => heard<ReviewRequest>(chat, 'review.request')[0]!

const now = (chat: Chat): Chat => since(chat, 'review.request', 'task.result')

/** How often it has sent work back. */
const roundsSoFar = ({ happened }: Chat): number =>
  happened.filter((one) => one.kind === 'said' && /"approved":\s*false/.test(one.text)).length

const read = (path: string) => ({ tool: 'read_file', input: { path } })

/** Files that the work is about, by what the request and the results say of it. */
function filesConcerned(chat: Chat): readonly string[] {
  const { tasks, criteria } = requestOf(chat)
  const summaries = heard<{ summary: string }>(chat, 'task.result').map(({ summary }) => summary)
  const named = [...criteria, ...summaries].flatMap(
    (text) => text.match(/[\w./-]+\.[a-z]+(?:\.[a-z]+)*/g) ?? [],
  )
  const listed = filesListed(now(chat))
  const subjects = tasks.flatMap(({ subject }) => subject?.file ?? [])
  return [...new Set([...subjects, ...named])].filter((path) => listed.includes(path))
}

/** What a criterion like "README.md knows `limit`" asks of a file, where it asks anything of one. */
const MENTIONS = /^(\S+) knows `(\w+)`$/

const criteriaMissed = (chat: Chat): readonly string[] =>
  requestOf(chat).criteria.filter((criterion) => {
    const [, path, word] = MENTIONS.exec(criterion) ?? []
    return path !== undefined && !new RegExp(`\\b${word}\\b`).test(filesSeen(now(chat)).get(path) ?? '')
  })

/** Modules that a test file uses, as far as a tool told. */
const modulesOf = (chat: Chat, file: string): readonly string[] =>
  calls(now(chat), 'trace_imports')
    .flatMap(({ output }) => (output as { uses?: { file: string; modules: string[] }[] }).uses ?? [])
    .find((use) => use.file === file)?.modules ?? []

/** Tasks whose code a failing test runs; all that changed code, where nobody can tell. */
function mayHaveCaused(chat: Chat, { file }: Failure): readonly string[] {
  const coded = requestOf(chat).tasks.filter(({ role, subject }) => role === 'coder' && subject !== null)
  const used = modulesOf(chat, file)
  const causes = coded.filter(({ subject }) => used.includes(subject!.file))
  return (causes.length > 0 ? causes : coded).map(({ task }) => task)
}

export const REVIEWER: readonly Rule[] = [
  {
    name: 'reviewer: runs the whole suite',
    reply: (chat) =>
      calls(now(chat)).length > 0
        ? undefined
        : call(
            chat,
            [
              { tool: 'run_tests', input: {} },
              { tool: 'list_files', input: {} },
              { tool: 'show_changes', input: {} },
            ],
            'First all the tests, on the merged tree.',
          ),
  },
  {
    name: 'reviewer: reads what was changed',
    reply: (chat) => {
      const seen = filesSeen(now(chat))
      return call(
        chat,
        filesConcerned(chat)
          .filter((path) => !seen.has(path))
          .map(read),
      )
    },
  },
  {
    name: 'reviewer: looks whose code a failing test runs',
    reply: (chat) => {
      const files = [...new Set((lastReport(now(chat))?.failed ?? []).map(({ file }) => file))]
      if (files.length === 0 || calls(now(chat), 'trace_imports').length > 0) return undefined
      return call(chat, [{ tool: 'trace_imports', input: { files } }], 'Something fails. Whose is it?')
    },
  },
  {
    name: 'reviewer: approves in prose',
    reply: (chat) =>
      isGood(chat) && !corrected(chat)
        ? { text: 'Looks good to me! All tests pass, and I read every file.' }
        : undefined,
  },
  {
    name: 'reviewer: approves',
    reply: (chat) =>
      isGood(chat)
        ? answer(chat, {
            approved: true,
            summary: `${lastReport(now(chat))!.passed.length} tests pass, none fails, and I read what was changed.`,
            revisions: [],
            failing: [],
            openPoints: [],
          })
        : undefined,
  },
  {
    name: 'reviewer: does not approve, and sends back what fails',
    reply: (chat) => {
      const { failed = [] } = lastReport(now(chat)) ?? {}
      const missed = criteriaMissed(chat)
      const findings = failed.flatMap((failure) =>
        mayHaveCaused(chat, failure).map((task) => ({
          task,
          finding: { what: failure.name, detail: `it fails in ${failure.file}: ${failure.error}` },
        })),
      )
      const isLast = roundsSoFar(chat) >= requestOf(chat).rounds
      const tasks = isLast ? [] : [...new Set(findings.map(({ task }) => task))]
      return answer(chat, {
        approved: false,
        summary: `${failed.length} tests fail, and this does not hold: ${missed.join('; ') || 'nothing else'}.`,
        revisions: tasks.map((task) => ({
          task,
          findings: findings.filter((one) => one.task === task).map(({ finding }) => finding),
        })),
        failing: failed.map(({ name }) => name),
        openPoints: missed,
      })
    },
  },
]

const isGood = (chat: Chat): boolean =>
  lastReport(now(chat))?.ok === true && criteriaMissed(chat).length === 0
