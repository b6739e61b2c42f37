import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, type Source, sourcesOf } from './sources.ts'

const LAYERS = ['protocols', 'traces', 'src', 'actors', 'lab', 'cli']
const PORTS = /^src\/(bus\/[^/]+|model\/model|tools\/tool|sandbox\/sandbox|time\/clock)\.ts$/
const ADAPTERS = ['src/bus/memory/', 'src/bus/nats/', 'src/model/openai/']

const sources = await sourcesOf(LAYERS)

/** `a.ts: b`, for every import of every file that breaks a rule. */
const breaches = (breaks: (from: string, to: string) => boolean, among = sources): string[] =>
  among.flatMap(({ path, imports }) =>
    imports.filter((to) => breaks(path, to)).map((to) => `${path} imports ${to}`),
  )

const isOurs = (path: string) => path.endsWith('.ts')
const layerOf = (path: string) => LAYERS.indexOf(path.split('/')[0]!)

describe('the layers', () => {
  it.each(LAYERS)('have files in %s, so that the rules below have something to hold', (layer) => {
    expect(sources.some(({ path }) => path.startsWith(`${layer}/`))).toBe(true)
  })

  it('import to the left only: protocols <- traces <- src <- actors <- lab <- cli', () => {
    const isRight = (from: string, to: string) =>
      layerOf(to) > layerOf(from) || (isOurs(to) && layerOf(to) < 0)
    expect(breaches(isRight)).toEqual([])
  })

  it('import nothing that is not there', async () => {
    const wanted = new Set(sources.flatMap(({ imports }) => imports).filter(isOurs))
    await Promise.all([...wanted].map((path) => access(join(ROOT, path))))
  })

  it('have ports that import protocols and other ports, and nothing else', () => {
    const ports = sources.filter(({ path }) => PORTS.test(path))
    const isMore = (_: string, to: string) => isOurs(to) && !PORTS.test(to) && !to.startsWith('protocols/')
    expect(ports.map(({ path }) => path)).toEqual(expect.arrayContaining(['src/bus/bus.ts']))
    expect(breaches(isMore, ports)).toEqual([])
  })

  it('choose adapters in src/flock only; the simulation, the kit for tests and the lab live on the memory bus', () => {
    const isChoice = (from: string, to: string) =>
      ADAPTERS.some(
        (adapter) =>
          to.startsWith(adapter) &&
          !from.startsWith(adapter) &&
          !(/^(src\/(simulation|testing)|lab)\//.test(from) && adapter === 'src/bus/memory/'),
      )
    const others = sources.filter(({ path }) => !path.startsWith('src/flock/'))
    expect(breaches(isChoice, others)).toEqual([])
  })
})

describe('a vendor', () => {
  it.each([
    ['@nats-io', /^@nats-io\//, 'src/bus/nats/'],
    ['openai', /^openai(\/|$)/, 'src/model/openai/'],
    ['the MCP client', /^@modelcontextprotocol\/client(\/|$)/, 'src/mcp/'],
    ['the MCP server', /^@modelcontextprotocol\/server(\/|$)/, 'cli/mcp/'],
    ['gpt-tokenizer', /^gpt-tokenizer(\/|$)/, 'src/model/tokens.ts'],
    ['OpenTelemetry', /^@opentelemetry\//, 'traces/provider.ts'],
  ])('%s is imported in its one home', (_, vendor, home) => {
    const users = sources.filter(({ imports }) => imports.some((name) => vendor.test(name)))
    expect(users.length).toBeGreaterThan(0)
    expect(users.map(({ path }) => path).filter((path) => !path.startsWith(home))).toEqual([])
  })
})

describe('time and chance', () => {
  it('come from src/time only', () => {
    const others = sources.filter(({ path }) => !path.startsWith('src/time/'))
    expect(others.flatMap((source) => leaksOf(source).map((leak) => `${source.path}: ${leak}`))).toEqual([])
  })
})

/** Wherever they are named: as a global, of `globalThis`, or imported. */
const NAMES = new Set([
  ...['setTimeout', 'setInterval', 'setImmediate', 'performance', 'hrtime'],
  ...['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'],
])
const MEMBERS = new Set(['Date.now', 'Math.random', 'AbortSignal.timeout'])

function leaksOf({ nodes }: Source): string[] {
  return nodes.flatMap((node) => {
    const { type, name } = node as { type: string; name?: unknown }
    if (type === 'Identifier' && NAMES.has(name as string)) return [name as string]
    if (type === 'MemberExpression') {
      const { object, property } = node as unknown as Record<'object' | 'property', { name?: string }>
      const member = `${object.name}.${property.name}`
      return MEMBERS.has(member) ? [member] : []
    }
    const { callee, arguments: given } = node as { callee?: { name?: string }; arguments?: unknown[] }
    return type === 'NewExpression' && callee?.name === 'Date' && given?.length === 0 ? ['new Date()'] : []
  })
}
