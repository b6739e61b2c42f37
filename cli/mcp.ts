/** `skein mcp`: skein as an MCP server over stdio, so that an assistant can set a flock to a goal. */
import { command } from './command.ts'
import { commonOptions, modelOption, readSettings, sandboxOption } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'

export default command(
  (yargs) =>
    sandboxOption(modelOption(commonOptions(yargs)))
      .option('root', {
        type: 'string',
        normalize: true,
        requiresArg: true,
        describe: 'no workspace and no documents outside of this directory  [default: the working directory]',
      })
      .example('$0 mcp', 'in the config of an assistant: { "command": "npx", "args": ["skein", "mcp"] }'),
  async (given) => {
    const settings = await readSettings(given)
    const { serveMcp } = await import('./mcp/serve.ts')
    const { signal } = stopOnSignals()
    return serveMcp({ settings, model: given.model, root: given.root ?? process.cwd(), signal })
  },
)
