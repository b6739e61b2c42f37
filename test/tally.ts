/**
 * Ends a test run with one plain line, `12 passed, 0 failed`, for whoever reads the output by machine. What failed
 * outside of any test (a file that does not load, a hook, an unhandled rejection) counts as one failure each.
 */
import type { Reporter, TestModule } from 'vitest/node'

export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = (state: 'passed' | 'failed') =>
      modules.reduce((sum, { children }) => sum + [...children.allTests(state)].length, 0)
    const outside = modules.flatMap((module) => [module, ...module.children.allSuites()])
    const broken = outside.reduce((sum, suite) => sum + suite.errors().length, unhandled.length)
    console.log(`${count('passed')} passed, ${count('failed') + broken} failed`)
  }
}
