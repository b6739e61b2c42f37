/** `skein init`: a project with one role, one protocol and one test, which runs as it is. */
import { stat } from 'node:fs/promises'
import { basename, relative, resolve } from 'node:path'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { inTheWay, projectFiles, writeFiles } from './new-project.ts'
import { screen } from './show/terminal.ts'
import { manifest } from './version.ts'

const QUESTION = 'npx skein ask librarian "How do I add another role?"'

export default command(
  (yargs) =>
    yargs
      .positional('directory', {
        type: 'string',
        normalize: true,
        default: '.',
        describe: 'where to make it; folders are made as needed',
      })
      .option('name', {
        type: 'string',
        requiresArg: true,
        describe: 'name of the package  [default: that of the directory]',
      })
      .option('force', { type: 'boolean', describe: 'overwrite what is there of its files' })
      .option('json', {
        type: 'boolean',
        describe: 'print one JSON object',
      })
      .example('$0 init my-agents', ''),
  async (given) => {
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const directory = resolve(given.directory)
    const own = await manifest()
    const files = await projectFiles({
      name: given.name === undefined ? nameFor(directory) : checkedName(given.name),
      skein: own === undefined ? '*' : `^${own.version}`,
      zod: own?.dependencies.zod ?? '*',
    })
    await assureFolder(directory)
    const old = await inTheWay(directory, files)
    if (old.length > 0 && !given.force)
      throw new CliError(
        'exists',
        `${old.join(', ')} ${old.length === 1 ? 'is' : 'are'} in "${directory}" already: name another directory, or overwrite with --force`,
      )
    await writeFiles(directory, files)
    const way = relative(process.cwd(), directory)
    const next = [...(way === '' ? [] : [`cd ${quoted(way)}`]), 'npm install', 'npm test', QUESTION]
    if (given.json) out.line(JSON.stringify({ directory, files: files.map(({ path }) => path), next }))
    else {
      out.line(`made in ${directory}:`)
      for (const { path } of files) out.line(`  ${path}`)
      err.line(err.paint('dim', '\nnext, the last with OPENAI_API_KEY set:'))
      for (const step of next) err.line(`  ${step}`)
    }
    return EXIT.ok
  },
)

async function assureFolder(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined)
  if (found === undefined || found.isDirectory()) return
  throw new CliError('directory', `"${directory}" is a file: give the path of a directory`)
}

/** As npm has them, without a scope's registry rules. */
const NAME = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/

function checkedName(name: string): string {
  if (NAME.test(name) && name.length <= 214) return name
  throw new CliError(
    'name',
    `"${name}" cannot name a package: use a-z, 0-9, "-", "_" and ".", beginning with a letter or digit`,
  )
}

const nameFor = (directory: string): string =>
  basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 214) || 'agents'

const quoted = (path: string): string =>
  /^[\w@./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
