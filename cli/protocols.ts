/** `skein protocols`: what may be said, for those who join in without this code. */
import { toAsyncApi } from '../protocols/asyncapi.ts'
import { toJsonSchema } from '../protocols/json-schema.ts'
import { BUILT_IN_PROTOCOLS } from './built-in-protocols.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { version } from './version.ts'

export default command(
  (yargs) =>
    yargs.option('asyncapi', {
      type: 'boolean',
      describe: 'an AsyncAPI 3.0 document, instead of JSON Schema',
    }),
  async ({ asyncapi }) => {
    const document = asyncapi
      ? toAsyncApi(BUILT_IN_PROTOCOLS, { version: await version() })
      : toJsonSchema(BUILT_IN_PROTOCOLS)
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    return EXIT.ok
  },
)
