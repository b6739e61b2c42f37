/** A researcher: searches in two wordings, reads the page where no passage answers, hands over what it can quote. */
import type { Finding, Subject, TaskRequest } from '../../protocols/task.ts'
import { type Chat, calls, heard } from './chat.ts'
import { answerAs, call, type Rule } from './rule.ts'

type Section = {
  readonly path: string
  readonly heading: string
  readonly line: number
  readonly score: number
  readonly code: readonly { readonly text: string }[]
}

/** What is asked: by a task, or by a question in the middle of somebody's work. */
type Asked = {
  readonly type: 'task.result' | 'question.answer'
  readonly words: string
  readonly subject: Subject | null
  /** Places that did not help. */
  readonly known: readonly string[]
}

function askedIn(chat: Chat): Asked {
  const [question] = heard<{ question: string; subject: Subject | null; known: string[] }>(
    chat,
    'question.ask',
  )
  if (question !== undefined) {
    return { ...question, type: 'question.answer', words: question.question }
  }
  const [task] = heard<TaskRequest>(chat, 'task.request')
  return { type: 'task.result', words: task?.instructions ?? '', subject: task?.subject ?? null, known: [] }
}

/** Sections of all searches, each once, best first. */
function sectionsFound(chat: Chat): readonly Section[] {
  const found = calls(chat, 'search_documents').flatMap(
    ({ output }) => (output as { results?: readonly Section[] }).results ?? [],
  )
  const best = new Map<string, Section>()
  for (const section of found) {
    const place = `${section.path}:${section.line}`
    if ((best.get(place)?.score ?? 0) < section.score) best.set(place, section)
  }
  return [...best.values()].sort((one, other) => other.score - one.score)
}

const declares = (code: string, name: string) => new RegExp(`(function|const) ${name}\\b`).test(code)

/** Passages that nobody knows yet: code that declares the subject, or any code where there is none. */
function passages(chat: Chat): readonly Finding[] {
  const { subject, known } = askedIn(chat)
  return sectionsFound(chat)
    .flatMap(({ path, heading, line, code }) => code.map(({ text }) => ({ path, heading, line, code: text })))
    .filter(({ code }) => subject === null || declares(code, subject.name))
    .filter((found) => !known.includes(placeOf(found)))
}

const placeOf = ({ path, line }: Finding) => `${path}:${line}`

/** In the words of a result and of an answer at once: the schema takes what it knows. */
const handOver = (chat: Chat, found: readonly Finding[], summary: string) =>
  answerAs(chat, askedIn(chat).type, {
    ...{ summary, answer: summary },
    findings: found,
    sources: found.map(placeOf),
    checks: [],
    openPoints: [],
  })

export const RESEARCHER: readonly Rule[] = [
  {
    name: 'researcher: searches in two wordings',
    reply: (chat) => {
      if (calls(chat).length > 0) return undefined
      const { words, subject } = askedIn(chat)
      const queries = [words, ...(subject === null ? [] : [`${subject.name} ${subject.doc}`])]
      return call(
        chat,
        queries.map((query) => ({ tool: 'search_documents', input: { query, limit: 8 } })),
        'I search by the words of the question, and by those of the comment.',
      )
    },
  },
  {
    name: 'researcher: reads the page that came out best',
    reply: (chat) => {
      const [best] = sectionsFound(chat)
      const isRead = calls(chat, 'read_document').length > 0
      if (best === undefined || isRead || askedIn(chat).subject !== null) return undefined
      return call(chat, [{ tool: 'read_document', input: { path: best.path } }])
    },
  },
  {
    name: 'researcher: hands over what it found',
    reply: (chat) => {
      // One piece of code at a time: whoever tries it says what is wrong with it, and asks for more.
      const found = passages(chat).slice(0, askedIn(chat).subject === null ? 3 : 1)
      const places = found.map(placeOf).join(' and ')
      return handOver(
        chat,
        found,
        places === ''
          ? 'The documents have nothing more.'
          : `The documents have this, in ${places}. I tried none of it.`,
      )
    },
  },
]
