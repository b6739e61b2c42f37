/** Which commands may run. A model chooses among them; it never adds to them. */

export type AllowedCommand = {
  readonly argv: readonly string[]
  /** How many plain arguments may follow: names and paths inside the workspace, no options. None unless given. */
  readonly more?: number
}

/** What a workspace's own scripts and tests need. */
export const WORKSPACE_COMMANDS: readonly AllowedCommand[] = [
  { argv: ['npm', 'test'] },
  { argv: ['npm', 'run'], more: 1 },
  { argv: ['node', '--test'], more: 100 },
]

export const isAllowed = (commands: readonly AllowedCommand[], asked: readonly string[]): boolean =>
  commands.some(({ argv, more = 0 }) => {
    const rest = asked.slice(argv.length)
    return argv.every((part, index) => part === asked[index]) && rest.length <= more && rest.every(isPlain)
  })

/** An option could name a script, a shell or a directory of anybody's; a path could lead out. */
const isPlain = (argument: string): boolean =>
  /^[\w@.][\w@.:/-]*$/.test(argument) && !argument.split('/').includes('..')

/** For people and models: `npm test`, `npm run …`. */
export const listOf = (commands: readonly AllowedCommand[]): string =>
  commands.map(({ argv, more }) => `\`${argv.join(' ')}${more ? ' …' : ''}\``).join(', ')
