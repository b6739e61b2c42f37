import { describe, expect, it } from 'vitest'
import yargs from 'yargs'
import { COMMANDS, nameOf } from '../../cli/commands.ts'

describe('every command', () => {
  it.each(COMMANDS.map((one) => [nameOf(one), one] as const))('helps: %s', async (name, one) => {
    const { options } = await one.load()
    const program = yargs().scriptName('skein').exitProcess(false).help()
    program.command(one.usage, one.describe, options as never)
    const help = await new Promise<string>((resolve) => {
      void program.parse([name, '--help'], (_: unknown, __: unknown, output: string) => resolve(output))
    })
    expect(help).toContain(`skein ${one.usage}`)
    expect(help).toContain(one.describe)
    // What an option is for, each of them.
    const undescribed = help.split('\n').filter((line) => /^ +(-\w, )?--[\w-]+ +\[/.test(line))
    expect(undescribed).toEqual([])
  })
})
