/**
 * What a model is told of a role in every call, as the adapter sends it, and what that costs in tokens. What comes of
 * the work, the transcript, comes on top.
 */
import type { Role } from '../role/define.ts'
import { promptOf } from '../role/role-prompt.ts'

export type PromptPart = {
  /** `answer`: what the reply has to be. */
  readonly kind: 'system' | 'tool' | 'answer'
  readonly name: string
  /** Text, or what is sent as JSON. */
  readonly content: unknown
  /** Of the text, or of the JSON without spaces: an endpoint may put it before its model in another form. */
  readonly tokens: number
}

export type PromptCost = {
  readonly role: string
  readonly parts: readonly PromptPart[]
  readonly tokens: number
}

/**
 * The adapter and the encoding are loaded here, since nothing else of a command line needs both.
 * @param baseUrl of the endpoint: some are told of the answers in the system text. OpenAI itself unless given
 */
export async function promptCosts(roles: readonly Role[], baseUrl?: string): Promise<PromptCost[]> {
  const { constantParts } = await import('../model/openai/constant.ts')
  const { tokenCounter } = await import('../model/tokens.ts')
  const count = await tokenCounter()
  const part = (kind: PromptPart['kind'], name: string, content: unknown): PromptPart => ({
    ...{ kind, name, content },
    tokens: count(typeof content === 'string' ? content : JSON.stringify(content)),
  })
  return roles.map((role) => {
    const { system, tools, responseFormat } = constantParts(promptOf(role), baseUrl)
    const parts = [
      part('system', 'system', system),
      ...tools.map((tool) => part('tool', tool.type === 'function' ? tool.function.name : tool.type, tool)),
      ...(responseFormat === undefined
        ? []
        : [part('answer', role.modelAnswers.map(({ type }) => type).join(', '), responseFormat)]),
    ]
    return { role: role.name, parts, tokens: parts.reduce((sum, { tokens }) => sum + tokens, 0) }
  })
}
