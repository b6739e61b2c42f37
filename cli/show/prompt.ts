/** A role's prompt for people: its parts word for word, and what they cost. */
import type { PromptCost, PromptPart } from '../../src/flock/prompt-cost.ts'
import { ENCODING } from '../../src/model/tokens.ts'
import { table } from './table.ts'
import type { Screen } from './terminal.ts'

export const promptLines = ({ role, parts, tokens }: PromptCost, screen: Screen): string[] => [
  screen.paint('bold', `# ${role}, ${tokens} tokens`),
  '',
  ...parts.flatMap((part) => [
    screen.paint('dim', `## ${titleOf(part)}, ${part.tokens} tokens`),
    '',
    ...(typeof part.content === 'string' ? part.content : JSON.stringify(part.content, null, 2)).split('\n'),
    '',
  ]),
]

/** Each part of each role, their sums, and what such a number says. */
export const promptTable = (costs: readonly PromptCost[], screen: Screen): string[] => [
  ...table(
    ['role', 'tokens', 'of'],
    costs.flatMap(({ role, parts, tokens }) => [
      [role, String(tokens), 'all'],
      ...parts.map((part) => ['', String(part.tokens), `  ${titleOf(part)}`]),
    ]),
    screen,
  ),
  '',
  `Tokens by ${ENCODING}, of the JSON that is sent where it is not text. The tokenizer of another model counts`,
  'differently, and by how much is not known here; nor is how an endpoint puts tools and schemas before its',
  'model. Each call costs this much and the transcript so far, less what an endpoint has in its cache.',
]

function titleOf({ kind, name }: PromptPart): string {
  switch (kind) {
    case 'system':
      return 'system text'
    case 'tool':
      return `tool ${name}`
    case 'answer':
      return `answer: ${name}`
  }
}
