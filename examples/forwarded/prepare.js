/**
 * Makes the workspace of this example: a copy of @fastify/forwarded as npm installed it, in a folder of your choice.
 *
 *   node prepare.js FOLDER
 *
 * Its own `npm test` measures coverage (c8) and checks types (tstyche), which are not installed with it. So that script
 * becomes `node --test`, which runs the same tests. Nothing else is changed.
 */
import { existsSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const [folder] = process.argv.slice(2)
if (folder === undefined || existsSync(folder)) {
  console.error(
    folder ? `"${folder}" is there already: name another folder` : 'usage: node prepare.js FOLDER',
  )
  process.exit(2)
}

const from = dirname(createRequire(import.meta.url).resolve('@fastify/forwarded/package.json'))
await cp(from, folder, { recursive: true })
const manifest = join(folder, 'package.json')
const content = JSON.parse(await readFile(manifest, 'utf8'))
const scripts = { ...content.scripts, test: 'node --test' }
await writeFile(manifest, `${JSON.stringify({ ...content, scripts }, null, 2)}\n`)
