/** What of this process's environment another process may see: variables by name, so that no key is among them. */

/** What programs need. Not NODE_OPTIONS, and no settings of npm. */
const NEEDED = ['PATH', 'LANG', 'LC_ALL', 'TZ']

/** Those of the named variables that this process has. */
export const namedVariables = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** The environment of a command. @param more names that it may see besides what programs need */
export const scrubbedEnvironment = (more: readonly string[] = []): Record<string, string> => ({
  ...namedVariables([...NEEDED, ...more]),
  NO_COLOR: '1',
})
