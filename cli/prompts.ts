/** `skein prompts`: what a model is told of each role in every call, word for word, and what that costs in tokens. */
import { ACTOR_NAMES } from '../actors/catalogue.ts'
import { promptCosts } from '../src/flock/prompt-cost.ts'
import { ENCODING } from '../src/model/tokens.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { chosenRoles, namedRoles } from './input/roles.ts'
import { configOption, readSettings } from './input/settings.ts'
import { promptLines, promptTable } from './show/prompt.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    configOption(yargs)
      .positional('roles', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'names of roles, or modules like ./librarian.js; all that are known unless given',
      })
      .option('cost', { type: 'boolean', describe: 'only what each part costs' })
      .option('json', { type: 'boolean', describe: 'print one JSON object' })
      .example('$0 prompts coder', '')
      .example('$0 prompts --cost', ''),
  async ({ roles: wanted, cost, json, config: file }) => {
    const { config, env } = await readSettings({ config: file })
    const named = await namedRoles(config, wanted.length === 0 ? ACTOR_NAMES : wanted)
    const roles = wanted.length === 0 ? [...named.values()] : await chosenRoles(wanted, named, config)
    const costs = await promptCosts(roles, env.OPENAI_BASE_URL || undefined)
    const out = screen(process.stdout)
    if (json) {
      out.line(JSON.stringify({ encoding: ENCODING, roles: costs }))
      return EXIT.ok
    }
    if (!cost) for (const one of costs) for (const line of promptLines(one, out)) out.line(line)
    for (const line of promptTable(costs, out)) out.line(line)
    return EXIT.ok
  },
)
