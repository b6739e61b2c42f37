/**
 * The process of a peer that a run starts: `skein peer`, but it leaves with the last run, and does without the library
 * for command lines, since a run waits for all of its peers, and they start beside each other.
 */
import { parseArgs } from 'node:util'
import { finish } from './finish.ts'
import { serveRoles } from './serve-roles.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'state-dir': { type: 'string' }, config: { type: 'string' }, model: { type: 'string' } },
})

await finish(() =>
  serveRoles({
    roles: positionals,
    withRuns: true,
    stateDir: values['state-dir'],
    config: values.config,
    model: values.model,
  }),
)
