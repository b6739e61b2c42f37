/** Whether commands of agents are contained here, by what, and how to get there. */
import { chooseSandbox, SANDBOX_ADVICE, type SandboxOptions, triedText } from '../choose-sandbox.ts'
import type { Check } from './finding.ts'

const about = 'sandbox'

export const sandboxCheck =
  (options: SandboxOptions): Check =>
  async () => {
    const { sandbox, tried } = await chooseSandbox(options)
    const others = tried.length === 0 ? '' : ` (${triedText(tried)})`
    if (sandbox !== undefined) {
      return { about, state: 'works', text: `commands of agents run in ${sandbox.name}${others}` }
    }
    const text =
      tried.length === 0
        ? 'none is wished for: commands of agents run with your rights'
        : `none works here: commands of agents run with your rights${others}`
    return { about, state: 'absent', text, ...(tried.length > 0 && { advice: SANDBOX_ADVICE }) }
  }
