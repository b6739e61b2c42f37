import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageScript } from '../../../traces/page/script.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-page-script-'))
  const imports = { '#page-script': './script.js' }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'built', imports }))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('says that a page needs a build where its script is missing, and finds it once there was one', async () => {
  const from = join(folder, 'module.js')
  expect(() => pageScript(from)).toThrow(
    expect.objectContaining({ code: 'page.not-built', message: expect.stringContaining('npm run build') }),
  )
  await writeFile(join(folder, 'script.js'), 'draw()')
  expect(pageScript(from)).toBe('draw()')
})
