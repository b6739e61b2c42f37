/** The researcher without a model: code blocks of the documents that export the name in question, best section first. */
import { z } from 'zod'
import { type Question, question } from '../../protocols/question.ts'
import { type Finding, type Subject, sourceOf, type TaskRequest } from '../../protocols/task.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { exportsName } from '../../src/tools/declarations.ts'
import { foundAnswer } from './findings.ts'

const hitsSchema = z.object({
  results: z.array(
    z.object({
      path: z.string(),
      heading: z.string(),
      line: z.number(),
      code: z.array(z.object({ text: z.string() })),
    }),
  ),
})

/** Findings handed over at once; whoever needs more asks. */
const AT_ONCE = 3
/** Sections that a search may return. */
const SECTIONS = 20

export const researchOffline: OfflinePolicy = ({ transcript }) => {
  const [work] = transcript
  if (work?.kind !== 'message') return { kind: 'give-up', reason: 'there is no work' }
  const { subject } = work.body as TaskRequest | Question
  if (subject === null) {
    return {
      kind: 'give-up',
      reason:
        'offline, the researcher can only look for code of a given name: set OPENAI_API_KEY to use a model',
    }
  }
  const failure = transcript.find((entry) => entry.kind === 'error')
  if (failure !== undefined) return { kind: 'give-up', reason: `${failure.tool} failed: ${failure.message}` }
  const results = transcript.filter((entry) => entry.kind === 'result')
  // What it is said to do ranks the sections; the name alone makes sure that none is missed.
  const queries = [`${subject.name} ${subject.doc}`, subject.name]
  const query = queries[results.length]
  if (query !== undefined)
    return {
      kind: 'call',
      tool: 'search_documents',
      input: { query: query.slice(0, 1_000), limit: SECTIONS },
    }
  const all = findingsIn(
    results.map(({ output }) => hitsSchema.parse(output)),
    subject,
  )
  const isQuestion = work.type === question.messages.ask.type
  const left = isQuestion ? withoutKnown(all, (work.body as Question).known) : all
  const findings = left.slice(0, AT_ONCE)
  return {
    kind: 'answer',
    type: foundAnswer.type,
    body: {
      findings,
      summary: isQuestion
        ? `${findings.length} more of ${all.length} places in the documents`
        : all.length === 0
          ? `the documents hold no code that exports ${subject.name}`
          : `${findings.length} of ${all.length} places in the documents that export ${subject.name}`,
      openPoints: all.length === 0 && !isQuestion ? [`nothing found for ${subject.name}`] : [],
    },
  }
}

/** Findings of one section stand at one place: of each place, as many as are known are left out, in their order. */
function withoutKnown(all: readonly Finding[], known: readonly string[]): Finding[] {
  const left = [...known]
  return all.filter((finding) => {
    const index = left.indexOf(sourceOf(finding))
    if (index === -1) return true
    left.splice(index, 1)
    return false
  })
}

function findingsIn(searches: readonly z.infer<typeof hitsSchema>[], { name }: Subject): Finding[] {
  const findings = new Map<string, Finding>()
  for (const { path, heading, line, code } of searches.flatMap(({ results }) => results)) {
    for (const { text } of code) {
      if (!findings.has(text) && exportsName(text, name))
        findings.set(text, { path, heading, line: Math.max(1, line), code: text })
    }
  }
  return [...findings.values()]
}
