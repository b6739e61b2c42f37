/** A project as `skein init` makes it: the files of a template, with a few names put in. */
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from './input/error.ts'

// From `cli/`, and from `dist/cli/` and `dist/command-line/`.
const TEMPLATES = ['../templates/project/', '../../templates/project/']

/** npm leaves a `.gitignore` out of a package. */
const NAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' }

export type ProjectFile = { readonly path: string; readonly text: string }

/**
 * @param values for `{{name}}` and the like
 * @throws CliError `cli.template` where the package is not whole
 */
export async function projectFiles(values: Readonly<Record<string, string>>): Promise<ProjectFile[]> {
  for (const folder of TEMPLATES) {
    const root = fileURLToPath(new URL(folder, import.meta.url))
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    if (paths.length === 0) continue
    return Promise.all(
      paths.sort().map(async (path) => ({
        path: NAMED[path] ?? path,
        text: (await readFile(join(root, path), 'utf8')).replace(
          /\{\{(\w+)\}\}/g,
          (_, name) => values[name]!,
        ),
      })),
    )
  }
  throw new CliError('template', 'the templates of skein are not beside it: install the package anew')
}

/** What is there already of the files, or in the place of a folder of them. */
export async function inTheWay(directory: string, files: readonly ProjectFile[]): Promise<string[]> {
  const folders = files.map(({ path }) => dirname(path)).filter((path) => path !== '.')
  const found = await Promise.all([
    ...files.map(async ({ path }) => ((await kindOf(join(directory, path))) === undefined ? [] : [path])),
    ...[...new Set(folders)].map(async (path) => {
      const kind = await kindOf(join(directory, path))
      return kind === undefined || kind === 'folder' ? [] : [path]
    }),
  ])
  return found.flat().sort()
}

export async function writeFiles(directory: string, files: readonly ProjectFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
}

async function kindOf(path: string): Promise<'folder' | 'other' | undefined> {
  const found = await lstat(path).catch(() => undefined)
  return found && (found.isDirectory() ? 'folder' : 'other')
}
