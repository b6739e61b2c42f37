import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../cli/input/config.ts'
import { parseDuration } from '../../cli/input/duration.ts'
import { parseLimits } from '../../cli/input/limits.ts'
import { parsePeerCounts } from '../../cli/input/peer-counts.ts'
import { temporaryFolder } from '../flock/clerks.ts'

describe('a length of time', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['7d', 604_800_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '10', 'soon', '10x', '-1s', '0s'])('"%s" is none', (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'cli.duration' }))
  })
})

describe('numbers of peers', () => {
  it('are read by role', () => {
    expect(parsePeerCounts('researcher=3, coder=2,')).toEqual({ researcher: 3, coder: 2 })
    expect(parsePeerCounts('planner=0')).toEqual({ planner: 0 })
  })

  it.each(['coder', 'coder=', 'coder=x', '=2', 'coder=2.5', 'coder=1000', 'Coder=1'])(
    'are not "%s"',
    (text) => {
      expect(() => parsePeerCounts(text)).toThrow(expect.objectContaining({ code: 'cli.peers' }))
    },
  )
})

describe('what a run may spend', () => {
  it('is nothing in particular unless somebody says so', () => {
    expect(parseLimits({}, {})).toEqual({})
  })

  it('is counted in tokens, messages, hops and whole nano-dollars', () => {
    const given = { maxTokens: 5_000, maxCost: 0.25, maxMessages: 40, hops: 8 }
    expect(parseLimits(given, {})).toEqual({
      limits: { tokens: 5_000, money: 250_000_000, messages: 40 },
      hops: 8,
    })
  })

  it('is what the command line says, then what the config says', () => {
    const config = { limits: { tokens: 1, messages: 2 } }
    expect(parseLimits({ maxTokens: 9 }, config)).toEqual({
      limits: { tokens: 9, money: null, messages: 2 },
    })
  })

  it.each([
    [{ maxTokens: Number.NaN }, /--max-tokens must be a whole number/],
    [{ maxMessages: 2.5 }, /--max-messages must be a whole number/],
    [{ hops: 0 }, /--hops must be a whole number, 1 or more/],
    [{ maxCost: 0 }, /--max-cost must be an amount of dollars above 0/],
  ])('is refused where it makes no sense: %j', (given, text) => {
    expect(() => parseLimits(given, {})).toThrow(text)
  })
})

describe('the config', () => {
  it('is empty where there is no file', async () => {
    expect(await readConfig(undefined, await temporaryFolder())).toEqual({ config: {} })
  })

  it('is found in the working directory, and its paths begin where it lies', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'skein.config.js')
    await writeFile(
      file,
      'export default { stateDir: "state", roles: ["./r.js"], peers: { coder: 3 }, timeout: "5m" }',
    )
    expect(await readConfig(undefined, folder)).toEqual({
      file,
      config: {
        stateDir: join(folder, 'state'),
        roles: [join(folder, 'r.js')],
        peers: { coder: 3 },
        timeout: '5m',
      },
    })
  })

  it('may say what tokens cost', async () => {
    const folder = await temporaryFolder()
    const prices = { qwen3: { input: 0.5, output: 1.5 } }
    await writeFile(join(folder, 'skein.config.json'), JSON.stringify({ prices }))
    expect((await readConfig(undefined, folder)).config).toEqual({ prices })
  })

  it('may name MCP servers, which are started where it says', async () => {
    const folder = await temporaryFolder()
    const mcp = { docs: { command: 'docs-server', cwd: 'docs' }, mail: { url: 'https://mail.example/mcp' } }
    await writeFile(join(folder, 'skein.config.json'), JSON.stringify({ mcp }))
    expect((await readConfig(undefined, folder)).config).toEqual({
      mcp: { ...mcp, docs: { ...mcp.docs, cwd: join(folder, 'docs') } },
    })
  })

  it('is read from the file that is named', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'etc'))
    await writeFile(join(folder, 'etc/mine.json'), '{ "model": "offline" }')
    expect((await readConfig('etc/mine.json', folder)).config).toEqual({ model: 'offline' })
  })

  it.each([
    ['{ "peers": { "coder": -1 } }', 'peers.coder'],
    ['{ "modle": "x" }', 'modle'],
    ['{ "prices": { "m": { "input": 1 } } }', 'prices.m.output'],
    ['{ "mcp": { "docs": { "comand": "x" } } }', 'mcp.docs'],
    ['{ "model": ', 'cannot be loaded'],
  ])('is refused as %s, naming what is wrong', async (text, named) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'skein.config.json'), text)
    const reading = readConfig(undefined, folder)
    await expect(reading).rejects.toMatchObject({ code: 'cli.config' })
    await expect(reading).rejects.toThrow(named)
  })
})
