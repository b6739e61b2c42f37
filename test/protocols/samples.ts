/** A body of every message that its schema takes, and one that it refuses. */
import type { Protocol } from '../../protocols/define.ts'
import { failure } from '../../protocols/failure.ts'
import { presence } from '../../protocols/presence.ts'
import { question } from '../../protocols/question.ts'
import { review } from '../../protocols/review.ts'
import { run } from '../../protocols/run.ts'
import { supervision } from '../../protocols/supervision.ts'
import { task } from '../../protocols/task.ts'

const all = [task, review, question, run, supervision, failure, presence] as const
export const protocols: readonly Protocol[] = all

type TypeOf<Of extends Protocol> = Of extends Protocol ? Of['messages'][keyof Of['messages']]['type'] : never
type Sample = { readonly good: readonly unknown[]; readonly bad: readonly unknown[] }

const tree = 'a'.repeat(64)
const subject = { file: 'src/slug.ts', name: 'slug', doc: 'Makes a slug.' }
const finding = { path: 'docs/slug.md', heading: 'Slugs', line: 3, code: "slug('A b') // 'a-b'" }
const check = { kind: 'tests', names: ['slug joins words'] }

const request = {
  title: 'Write slug',
  instructions: 'As documented.',
  subject,
  needs: ['find'],
  checks: [check],
}
const result = {
  summary: 'Wrote slug.',
  findings: [finding],
  tree,
  sources: ['docs/slug.md'],
  checks: [{ check: 'slug joins words', passed: true, detail: '' }],
  openPoints: [],
}
const beat = {
  peer: 'coder-1',
  role: 'coder',
  description: 'Writes code.',
  host: 'h1',
  pid: 12,
  model: 'skein.offline',
  conversations: 2,
  busy: 1,
  limit: 4,
  doing: ['thinking on r1/write'],
  runs: ['r1'],
  draining: false,
  adopted: false,
}
const reviewed = { task: 'write', role: 'coder', title: 'Write slug', subject: null, checks: [] }
const supervised = {
  ...{ goal: 'slugs', base: tree, rounds: 2, criteria: ['tests pass'] },
  tasks: [{ ...request, name: 'write', role: 'coder', reviewed: true }],
  reviewer: { role: 'reviewer', conversation: 'review' },
}
const passedOn = {
  ...reviewed,
  owner: { role: 'supervisor', conversation: 'hub' },
  failed: { kind: 'timeout', reason: 'no answer in time' },
}
const revise = { tree, round: 1, findings: [{ what: 'slug joins words', detail: 'no' }], failing: [] }
const died = { kind: 'died', reason: 'its process was killed', of: 'r1/plan>r1/write#1' }

export const samples: Record<
  string,
  { readonly good: readonly unknown[]; readonly bad: readonly unknown[] }
> = {
  'task.request': {
    good: [request, { ...request, subject: null, checks: [{ kind: 'command', argv: ['true'] }] }],
    bad: [
      { ...request, needs: ['Not A Name'] },
      { ...request, checks: [{ kind: 'tests', names: [] }] },
    ],
  },
  'task.result': {
    good: [result, { ...result, tree: null }, { ...result, task: 'write', by: 'coder-1' }],
    bad: [
      { ...result, tree: 'abc' },
      { ...result, findings: [{ ...finding, line: 0 }] },
    ],
  },
  'review.request': {
    good: [
      { goal: 'slugs', base: tree, tasks: [reviewed], criteria: ['tests pass'], rounds: 2 },
      { goal: 'slugs', base: tree, tasks: [passedOn], criteria: [], rounds: 2 },
    ],
    bad: [{ goal: 'slugs', base: tree, tasks: [], criteria: [], rounds: -1 }],
  },
  'review.revise': {
    good: [revise, { ...revise, task: 'write' }],
    bad: [
      { ...revise, findings: [] },
      { ...revise, task: 'Not A Name' },
    ],
  },
  'review.approve': {
    good: [
      { tree, summary: 'all there' },
      { tree, summary: 'all there', task: 'write' },
    ],
    bad: [{ tree: null, summary: 'all there' }],
  },
  'supervision.plan': {
    good: [supervised],
    bad: [
      { ...supervised, tasks: [request] },
      { ...supervised, reviewer: 'reviewer' },
    ],
  },
  'question.ask': {
    good: [{ question: 'What of umlauts?', subject: null, known: ['docs/page.md:12'] }],
    bad: [{ question: 'What of umlauts?', subject: null }],
  },
  'question.answer': {
    good: [{ answer: 'They stay.', findings: [], sources: [] }],
    bad: [{ answer: 'They stay.', findings: [], sources: 'docs/slug.md' }],
  },
  'run.start': {
    good: [{ role: 'planner', type: 'run.goal', body: { goal: 'slugs', rounds: 0 } }],
    bad: [
      { role: 'The Planner', type: 'run.goal', body: {} },
      { role: 'planner', type: 'run.goal' },
    ],
  },
  'run.idle': { good: [{}], bad: [[], null] },
  'run.goal': {
    good: [{ goal: 'slugs', base: tree, rounds: 0 }],
    bad: [{ goal: '', base: tree, rounds: 0 }],
  },
  'run.result': {
    good: [{ outcome: 'completed', reason: 'approved', tree, patch: tree, report: null }],
    bad: [{ outcome: 'won', reason: 'approved', tree, patch: tree, report: null }],
  },
  failure: {
    good: [
      died,
      { ...died, of: null },
      { ...died, task: 'write' },
      { ...died, partial: [1, { deep: [null, 'x', { er: true }] }] },
    ],
    bad: [
      { ...died, of: 'r1/plan' },
      { ...died, kind: 'tired' },
    ],
  },
  'presence.probe': { good: [{}], bad: [[], 'probe'] },
  'presence.beat': {
    good: [beat],
    bad: [
      { ...beat, peer: 'Coder 1' },
      { ...beat, pid: 1.5 },
    ],
  },
  'presence.gone': { good: [{ peer: 'coder-1' }], bad: [{}] },
} satisfies Record<TypeOf<(typeof all)[number]>, Sample>
