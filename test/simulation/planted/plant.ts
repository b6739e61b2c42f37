/** Bundles the simulator with a bug in it: the sources stay clean, and what runs is what stands there, but for the bug. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import type { PlantedBug } from './bugs.ts'
import type { trial } from './trial.ts'

const ROOT = new URL('../../../', import.meta.url).pathname

export type Trial = typeof trial

/**
 * @param folder where the bundle is written
 * @throws Error where the text to change is not there exactly once: the table of bugs is out of date
 */
export async function plant({ name, edits }: PlantedBug, folder: string): Promise<Trial> {
  const planted = new Set<string>()
  const bundle = await rolldown({
    input: join(ROOT, 'test/simulation/planted/trial.ts'),
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'plant',
        // Packages have no bugs planted in them: all bundles share the ones that are loaded already.
        resolveId: (source) =>
          /^[\w@]/.test(source) ? { id: import.meta.resolve(source), external: 'absolute' } : undefined,
        transform(code, id) {
          let changed = code
          for (const { file, find, replace } of edits.filter(({ file }) => id === join(ROOT, file))) {
            const times = changed.split(find).length - 1
            if (times !== 1)
              throw new Error(`"${name}": ${file} has ${times} times what is to be changed: ${find}`)
            changed = changed.replace(find, () => replace)
            planted.add(file)
          }
          return changed
        },
      },
    ],
  })
  const file = join(folder, `${name.replaceAll(' ', '-')}.mjs`)
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  for (const { file } of edits)
    if (!planted.has(file)) throw new Error(`"${name}": ${file} is no part of what the simulator runs`)
  return ((await import(pathToFileURL(file).href)) as { trial: Trial }).trial
}

/** How many seeds it takes from the first one on, and what breaks; undefined where it is more than `most`. */
export async function seedsToFind(trial: Trial, { world }: PlantedBug, first: number, most: number) {
  for (let tried = 1; tried <= most; tried++) {
    const breach = await trial(first + tried - 1, world)
    if (breach !== undefined) return { tried, breach }
  }
  return undefined
}
