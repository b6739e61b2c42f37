/** Which commands may run. A model chooses among them; it never adds to them. */

export type AllowedCommand = {
  readonly argv: readonly string[]
  /** Whether any further arguments may follow. */
  readonly more?: boolean
}

/** What a workspace's own scripts and tests need. */
export const WORKSPACE_COMMANDS: readonly AllowedCommand[] = [
  { argv: ['npm', 'test'] },
  { argv: ['npm', 'run'], more: true },
  { argv: ['node', '--test'], more: true },
]

export const isAllowed = (commands: readonly AllowedCommand[], asked: readonly string[]): boolean =>
  commands.some(
    ({ argv, more = false }) =>
      argv.every((part, index) => part === asked[index]) && (more || asked.length === argv.length),
  )

/** For people and models: `npm test`, `npm run …`. */
export const listOf = (commands: readonly AllowedCommand[]): string =>
  commands.map(({ argv, more }) => `\`${argv.join(' ')}${more ? ' …' : ''}\``).join(', ')
