import { describe, expect, it } from 'vitest'
import * as names from '../../traces/names.ts'

const tables = Object.entries(names).filter(([, table]) => typeof table === 'object')

describe('names', () => {
  it('gives no two attributes one name', () => {
    const attributes = tables
      .filter(([table]) => !/_OPERATION$|_TOKEN$|^LINK$/.test(table))
      .flatMap(([, table]) => Object.values(table))
    expect(new Set(attributes).size).toBe(attributes.length)
  })

  it("keeps skein's own attributes below one prefix", () => {
    for (const name of Object.values(names.SKEIN)) expect(name).toMatch(/^skein\.[a-z_.]+$/)
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
