/** The linter's own rules of this house, tried on files that break them: a rule that matches nothing says nothing. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ROOT } from './sources.ts'

const REFUSED: readonly [path: string, text: string, by: RegExp][] = [
  ['protocols/right.ts', `import { a } from '../traces/span.ts'`, /left/],
  ['protocols/again.ts', `export * from '../src/errors.ts'`, /left/],
  ['traces/read/right.ts', `import type { A } from '../../actors/index.ts'`, /left/],
  ['src/turn/lazy.ts', `export const a = () => import('../../cli/main.ts')`, /left/],
  ['src/turn/type.ts', `export type A = typeof import('../../actors/index.ts')`, /left/],
  ['actors/coder/right.ts', `import '../../cli/main.ts'`, /left/],
  ['cli/right.ts', `import '../test/nats-server.ts'`, /left/],
  ['src/flock/right.ts', `import { a } from '../../chaos/job.ts'`, /left/],
  ['src/turn/nats.ts', `import { a } from '@nats-io/jetstream/internal'`, /only src\/bus\/nats/i],
  ['src/model/vendor.ts', `import a from 'openai'`, /only src\/model\/openai/i],
  ['src/tools/vendor.ts', `import { Client } from '@modelcontextprotocol/client'`, /only src\/mcp/i],
  ['cli/vendor.ts', `import a from '@modelcontextprotocol/server/stdio'`, /only cli\/mcp/i],
  [
    'cli/tokens.ts',
    `export const a = () => import('gpt-tokenizer/model/gpt-4o')`,
    /only src\/model\/tokens.ts/i,
  ],
  ['traces/file.ts', `import a from '@opentelemetry/api'`, /only traces\/provider.ts/i],
  ['src/peer/adapter.ts', `import { a } from '../bus/nats/bus.ts'`, /only src\/flock/i],
  ['cli/adapter.ts', `import { a } from '../src/model/openai/model.ts'`, /only src\/flock/i],
  ['src/simulation/adapter.ts', `import { a } from '../bus/nats/bus.ts'`, /only src\/flock/i],
  ['src/bus/turn.ts', `import { a } from '../turn/record.ts'`, /port/],
  ['src/model/model.ts', `import { a } from './offline.ts'`, /port/],
  ['src/sandbox/sandbox.ts', `import { a } from '../tools/jail.ts'`, /port/],
  ['src/turn/now.ts', `export const a = Date.now()`, /Date\.now/],
  ['src/turn/chance.ts', `export const a = Math.random()`, /Math\.random/],
  ['actors/later.ts', `setTimeout(() => {}, 1)`, /setTimeout/],
  ['src/turn/dev.ts', `import a from 'vitest'`, /vitest/],
  ['src/turn/any.ts', `export const a: any = 1`, /any/],
]

const ALLOWED: readonly [path: string, text: string][] = [
  ['protocols/sibling.ts', `import './ids.ts'\nimport 'zod'`],
  ['src/bus/nats/feed.ts', `import '@nats-io/jetstream'\nimport './bus.ts'`],
  ['src/model/openai/client.ts', `import 'openai/helpers/zod'\nimport '../model.ts'`],
  ['src/mcp/connection.ts', `import '@modelcontextprotocol/client'`],
  ['cli/mcp/server.ts', `import '@modelcontextprotocol/server/stdio'`],
  ['traces/provider.ts', `export const a = () => import('@opentelemetry/sdk-node')`],
  ['src/simulation/world.ts', `import '../bus/memory/network.ts'`],
  ['src/flock/open-bus.ts', `import '../bus/nats/bus.ts'\nimport '../model/openai/model.ts'`],
  ['src/bus/bus.ts', `import './records.ts'\nimport '../../protocols/ids.ts'`],
  ['src/tools/tool.ts', `import '../bus/records.ts'\nimport '../time/clock.ts'`],
  ['src/time/system-clock.ts', `export const a = Date.now()\nsetTimeout(() => {}, 1)`],
  ['cli/main.ts', `import '../actors/index.ts'\nimport '../src/flock/run.ts'`],
]

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({ category: z.string(), message: z.string(), location: z.object({ path: z.string() }) }),
  ),
})

let folder: string
const said = new Map<string, string[]>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-lint-'))
  for (const part of ['biome.json', 'lint', 'package.json'])
    await cp(join(ROOT, part), join(folder, part), { recursive: true })
  for (const [path, text] of [...REFUSED, ...ALLOWED]) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), `${text}\n`)
  }
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
  const flags = [
    'lint',
    '--vcs-enabled=false',
    '--reporter=json',
    '--max-diagnostics=none',
    '--error-on-warnings',
  ]
  const { stdout } = await promisify(execFile)(process.execPath, [biome, ...flags], { cwd: folder }).catch(
    (refused: { stdout: string }) => refused,
  )
  for (const { category, message, location } of reportSchema.parse(JSON.parse(stdout)).diagnostics) {
    if (category === 'lint/correctness/noUnusedImports') continue
    said.set(location.path, [...(said.get(location.path) ?? []), message])
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the linter', () => {
  it.each(REFUSED)('refuses %s: %s', (path, _, why) => {
    expect(said.get(path)?.join('\n') ?? '').toMatch(why)
  })

  it.each(ALLOWED)('has nothing against %s', (path) => {
    expect(said.get(path) ?? []).toEqual([])
  })
})
