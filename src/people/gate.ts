/**
 * Which calls of tools wait for a person: those of a tool that says so, that its role says so of, or that the run asks
 * for. Pure, and asked once for each call, in the turn that makes it: what was committed as waiting waits, whoever goes
 * on with it.
 *
 * A process of an older version knows no effect `person`. One that adopts such a conversation tells its machine that
 * the call failed, and never runs it.
 */
import { digestOf } from '../../traces/digest.ts'
import type { Role } from '../role/define.ts'
import type { ToolInput } from '../role/setup.ts'
import { toolOf } from '../role/tool-of.ts'
import { parseInput } from '../tools/input.ts'
import type { Tool } from '../tools/tool.ts'
import type { Gate } from '../turn/behaviour.ts'
import { bounded } from './bounded.ts'

/** The effect that waits. */
export const PERSON = 'person'

/** What is wanted of a person: the input of the effect `person`. */
export type Wanted = {
  readonly kind: 'approval' | 'question'
  readonly tool: string
  /** The input of the call as JSON, shortened where it is long; its digest is of the whole. */
  readonly shown: string
  readonly digest: string
  /** Why it needs an approval, where somebody says so. */
  readonly reason: string | null
  /** Of a question. */
  readonly question: string | null
  readonly choices: readonly string[]
  /** Milliseconds that a person has for it; null: as long as the run lasts. */
  readonly patienceMs: number | null
}

export function gateOf(role: Pick<Role, 'tools' | 'machineTools' | 'approve'>): Gate {
  return ({ src, input }, approve) => {
    if (src !== 'tool') return undefined
    const wanted = wantedBy(role, input as ToolInput, approve)
    return wanted && { src: PERSON, input: wanted }
  }
}

function wantedBy(
  role: Parameters<typeof gateOf>[0],
  call: ToolInput,
  approve: readonly string[],
): Wanted | undefined {
  const tool = toolOf(role, call)
  // What does not fit is refused by the tool: no person need look at it.
  const parsed = tool && parseInput(tool.input, call.input)
  if (tool === undefined || !parsed?.success) return undefined
  const text = textOf(call.input)
  const about = {
    tool: tool.name,
    shown: bounded(text),
    digest: digestOf(text),
    patienceMs: tool.patienceMs ?? null,
  }
  if (tool.question !== undefined) {
    const { question, choices = [] } = tool.question(parsed.data)
    return { kind: 'question', ...about, reason: null, question, choices: [...choices] }
  }
  const isWished = role.approve.includes(tool.name) || approve.includes(tool.name)
  const ruled = ruling(tool, parsed.data)
  if (!isWished && ruled === false) return undefined
  const reason = typeof ruled === 'string' ? ruled : null
  return { kind: 'approval', ...about, reason, question: null, choices: [] }
}

/** What is no JSON fails its conversation before anybody sees it. */
function textOf(input: unknown): string {
  try {
    return JSON.stringify(input, null, 2) ?? ''
  } catch {
    return ''
  }
}

/** A rule that fails lets nothing pass unseen. */
function ruling({ approval }: Tool, input: unknown): boolean | string {
  if (approval === undefined) return false
  if (approval === true) return true
  try {
    return approval(input)
  } catch (error) {
    return `its rule failed: ${error instanceof Error ? error.message : String(error)}`
  }
}
