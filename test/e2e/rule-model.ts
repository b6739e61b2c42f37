/**
 * A model made of rules. It knows what a real one knows, the chat messages of one request: who it is (the
 * instructions), what it was told, and what its tools said since. It plans research before code, hands over one
 * passage at a time, tries what it was given, and asks when that fails. It errs as real ones do, until it is corrected:
 * its planner gives a task a name that is taken, its reviewer chats where it was to answer in JSON.
 */
import type { Finding, TaskRequest } from '../../protocols/task.ts'
import type { StubMessage, StubReply, StubScript } from '../model/openai-stub.ts'

/** Tokens that every reply costs, so that whoever adds up can be checked. */
export const USAGE = { input: 200, output: 20 } as const

export const ruleModel: StubScript = ({ messages }) => {
  const chat = readChat(messages)
  const rule = RULES[chat.role]
  if (rule === undefined) throw new Error(`no rule for a model that is told: ${messages[0]?.content}`)
  return { ...rule(chat), usage: USAGE }
}

type Result = { readonly tool: string; readonly output: unknown }

type Chat = {
  /** What the instructions say it is. */
  readonly role: string
  /** Whether it was told that its last reply was of no use. */
  readonly corrected: boolean
  /** Bodies of the messages of a type, oldest first. */
  heard(type: string): unknown[]
  /** What its tools said, oldest first. */
  readonly results: readonly Result[]
  /** What a tool said last, or undefined. */
  last(tool: string): unknown
}

function readChat(messages: readonly StubMessage[]): Chat {
  const [system, ...rest] = messages
  const names = new Map(
    rest.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => [call.id, call.function.name] as const)),
  )
  const results = rest
    .filter(({ role }) => role === 'tool')
    .map((result) => ({
      tool: names.get(result.tool_call_id!)!,
      output: JSON.parse(result.content!) as unknown,
    }))
  return {
    role: /^You are the (\w+)\./.exec(system?.content ?? '')?.[1] ?? '',
    corrected: rest.at(-1)?.content?.startsWith('[correction]') ?? false,
    heard: (type) =>
      rest.flatMap(({ role, content }) =>
        role === 'user' && content?.startsWith(`[${type} from `)
          ? [JSON.parse(content.slice(content.indexOf('\n') + 1))]
          : [],
      ),
    results,
    last: (tool) => results.findLast((result) => result.tool === tool)?.output,
  }
}

const call = (name: string, input: unknown): StubReply => ({ calls: [{ name, arguments: input }] })

const RULES: Readonly<Record<string, (chat: Chat) => StubReply>> = { planner, researcher, coder, reviewer }

type TestReport = {
  readonly ok: boolean
  readonly failed: readonly { readonly name: string; readonly error: string }[]
}

function planner({ last, corrected }: Chat): StubReply {
  const found = last('find_stubs') as { stubs: { file: string; name: string; doc: string }[] } | undefined
  const ran = last('run_tests') as TestReport | undefined
  if (found === undefined || ran === undefined) {
    return {
      text: 'I look at the code and at its tests first.',
      calls: [
        { name: 'find_stubs', arguments: {} },
        { name: 'run_tests', arguments: { names: null } },
      ],
    }
  }
  const [subject] = found.stubs.map(({ file, name, doc }) => ({ file, name, doc }))
  const names = ran.failed.map(({ name }) => name)
  const { name, file } = subject!
  return {
    json: {
      tasks: [
        {
          name: 'look-up',
          role: 'researcher',
          title: `look up ${name}`,
          instructions: `Find out how ${name} is to be written.`,
          subject,
          needs: [],
          checks: [],
          files: [],
        },
        {
          name: corrected ? 'write' : 'review',
          role: 'coder',
          title: `write ${name}`,
          instructions: `Write ${name} in ${file}.`,
          subject,
          needs: ['look-up'],
          checks: [{ kind: 'tests', names }],
          files: [file],
        },
      ],
      criteria: ['the suite passes'],
    },
  }
}

type Section = Omit<Finding, 'code'> & { readonly code: readonly { readonly text: string }[] }

function researcher({ heard, last }: Chat): StubReply {
  const [task] = heard('task.request') as TaskRequest[]
  const [question] = heard('question.ask') as { question: string; known: string[] }[]
  const found = last('search_documents') as { results: Section[] } | undefined
  if (found === undefined) {
    const query = question?.question ?? `${task!.subject!.name}: ${task!.subject!.doc}`
    return call('search_documents', { query, limit: null })
  }
  const known = question?.known ?? []
  const findings = found.results
    .flatMap(({ path, heading, line, code }) => code.map(({ text }) => ({ path, heading, line, code: text })))
    .filter((finding) => !known.includes(placeOf(finding)))
    .slice(0, 1)
  const text = findings.length === 0 ? 'The documents say no more.' : 'This is what the documents say.'
  return { json: { summary: text, findings, openPoints: [] } }
}

const placeOf = ({ path, line }: Pick<Finding, 'path' | 'line'>) => `${path}:${line}`

function coder({ heard, results, last }: Chat): StubReply {
  const [work] = heard('task.request') as TaskRequest[]
  const { file, name } = work!.subject!
  const names = work!.checks.flatMap((check) => (check.kind === 'tests' ? check.names : []))
  const looked = heard('task.result') as { findings: Finding[] }[]
  const told = results.filter(({ tool }) => tool === 'ask_researcher') as {
    output: { findings: Finding[] }
  }[]
  const known = [...looked, ...told.map(({ output }) => output)].flatMap(({ findings }) => findings)
  const ran = last('run_tests') as TestReport | undefined
  const put = (finding: Finding) => call('replace_declaration', { file, name, code: finding.code })
  switch (results.at(-1)?.tool) {
    case undefined:
      return call('read_file', { path: file, from: null, to: null })
    case 'read_file':
    case 'ask_researcher':
      return put(known.at(-1)!)
    case 'replace_declaration':
      return call('run_tests', { names })
    default:
      if (!ran!.ok && told.length === 0) {
        const question = `This fails: ${ran!.failed.map((test) => test.error).join('; ')}. What do the documents say of it?`
        return call('ask_researcher', { question, subject: work!.subject, known: known.map(placeOf) })
      }
      return {
        json: {
          summary: `${name} as it stands in ${known.at(-1)!.path}`,
          changed: true,
          sources: known.map(placeOf),
          failing: ran!.failed.map((test) => test.name),
          openPoints: [],
        },
      }
  }
}

function reviewer({ last, corrected }: Chat): StubReply {
  const ran = last('run_tests') as TestReport | undefined
  if (ran === undefined) return call('run_tests', { names: null })
  if (!corrected) return { text: 'Looks good to me!' }
  const failing = ran.failed.map(({ name }) => name)
  const summary = ran.ok ? 'The suite passes.' : 'The suite fails.'
  return { json: { approved: ran.ok, summary, revisions: [], failing, openPoints: failing } }
}
