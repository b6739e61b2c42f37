import { describe, expect, it } from 'vitest'
import * as names from '../../traces/names.ts'

const tables = Object.entries(names).filter(([, table]) => typeof table === 'object')

describe('names', () => {
  it('gives no two attributes one name', () => {
    const attributes = tables
      .filter(([table]) => !/_OPERATION$|_TOKEN$|^LINK$|^METRIC$/.test(table))
      .flatMap(([, table]) => Object.values(table))
    expect(new Set(attributes).size).toBe(attributes.length)
  })

  it("keeps skein's own attributes below one prefix", () => {
    for (const name of Object.values(names.SKEIN)) expect(name).toMatch(/^skein\.[a-z_.]+$/)
  })

  it('gives no two metrics one name, and every one a unit and a sentence', () => {
    const metrics = Object.values(names.METRIC)
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length)
    for (const { name, unit, description } of metrics) {
      expect(name).toMatch(/^(skein|gen_ai\.client|messaging)\.[a-z_.]+$/)
      expect(unit).toMatch(/^(s|\{[a-z]+\})$/)
      expect(description).toMatch(/^[A-Z].*[^.]$/)
    }
  })

  it('has the buckets of the conventions', () => {
    const { tokens, call, process } = names.METRIC
    expect(tokens.buckets).toEqual([
      ...[1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
      67_108_864,
    ])
    expect(call.buckets).toEqual([
      ...[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    ])
    expect(process.buckets.at(-1)).toBe(10)
  })

  it('builds span names as the conventions do: the operation, then what it is done to', () => {
    expect(names.sendName('role.coder')).toBe('send role.coder')
    expect(names.turnName('review.request')).toBe('turn review.request')
    expect(names.takeoverName('coder')).toBe('takeover coder')
    expect(names.invokeWorkflowName('mesh')).toBe('invoke_workflow mesh')
    expect(names.invokeAgentName('coder')).toBe('invoke_agent coder')
    expect(names.executeToolName('run_tests')).toBe('execute_tool run_tests')
    expect(names.chatName('gpt-5-mini')).toBe('chat gpt-5-mini')
    expect(names.runOverName('completed')).toBe('run completed')
  })
})
