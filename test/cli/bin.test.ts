import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../flock/clerks.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A clone with the command alone. */
async function aClone() {
  const folder = await temporaryFolder()
  const { bin } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await copyFile(join(ROOT, bin.skein), join(folder, bin.skein))
  return { folder, command: join(folder, bin.skein) }
}

describe('the command of the package', () => {
  it('says what to do in a clone that is not built', async () => {
    const { command } = await aClone()
    await expect(promisify(execFile)(command, ['lab'])).rejects.toMatchObject({
      code: 2,
      stderr: 'skein: this clone is not built yet: npm run build\n',
    })
  })

  it('is the built command line, with what it was given', async () => {
    const { folder, command } = await aClone()
    await mkdir(join(folder, 'dist', 'cli'), { recursive: true })
    await writeFile(join(folder, 'dist/cli/main.js'), 'console.log(process.argv.slice(2).join())')
    expect((await promisify(execFile)(command, ['lab', 'x.yaml'])).stdout).toBe('lab,x.yaml\n')
  })
})
