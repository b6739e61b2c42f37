/** `npm run chaos` counts lines of logs: a line that was reworded would be counted no more, and nobody would notice. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { TEXT } from '../../chaos/log-line.ts'
import { filesOf, ROOT } from '../house/sources.ts'

const paths = (await filesOf()).filter((path) => /^(src|cli)\/.*\.ts$/.test(path))
const sources = await Promise.all(paths.map((path) => readFile(join(ROOT, path), 'utf8')))

it.each(Object.values(TEXT))('%s is what skein says', (line) => {
  const [, text = line] = /^"text":"(.*)"$/.exec(line) ?? []
  expect(sources.filter((source) => source.includes(text))).not.toEqual([])
})
