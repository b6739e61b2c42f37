import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { METRIC } from '../../traces/metrics.ts'
import { ROOT } from '../house/sources.ts'

it('the page of the metrics has every one, with its kind and its unit, and no other', async () => {
  const page = await readFile(join(ROOT, 'docs/metrics.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `((?:skein|gen_ai|messaging)\.[a-z_.]+)` \| (\w+) \| (\S+) \|/gm)]
  const told = rows.map(([, name, kind, unit]) => `${name} ${kind} ${unit}`).sort()
  expect(told).toEqual(
    Object.values(METRIC)
      .map(({ name, kind, unit }) => `${name} ${kind} ${unit}`)
      .sort(),
  )
})
