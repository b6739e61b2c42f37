/** What comes of an experiment, as files in a folder: a page, CSV and JSON. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabOutcome } from '../../lab/lab.ts'
import { cellsCsv, resultsJson, samplesCsv } from '../../lab/report/csv.ts'
import { reportPage } from '../../lab/report/page.ts'
import type { Sample } from '../../lab/results.ts'
import { builtScript } from '../../traces/page/script.ts'
import { CliError } from '../input/error.ts'

/**
 * The paths of what was written.
 * @param paired the samples, where runs with the same seed have the same luck; else none
 * @throws CliError `cli.out` where the folder cannot be written
 */
export async function writeLabFiles(
  folder: string,
  { results, samples }: LabOutcome,
  paired: readonly Sample[],
): Promise<readonly string[]> {
  const files = {
    'report.html': reportPage(results, builtScript('#lab-script'), paired),
    'cells.csv': cellsCsv(results),
    'samples.csv': samplesCsv(samples),
    'results.json': resultsJson(results),
  }
  const paths = Object.entries(files).map(([name, text]) => [join(folder, name), text] as const)
  return inFolder(folder, async () => {
    await mkdir(folder, { recursive: true })
    for (const [path, text] of paths) await writeFile(path, text)
    return paths.map(([path]) => path)
  })
}

/**
 * What `act` writes in the folder, with an error that says what to do where the folder cannot be written.
 * @throws CliError `cli.out`; what else `act` throws
 */
export async function inFolder<Result>(folder: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (cause) {
    if (!isOfFile(cause) || !cause.path.startsWith(folder)) throw cause
    throw new CliError(
      'out',
      `"${folder}" cannot be written: ${cause.message}. Name another folder with --out, or mend this one`,
      { cause },
    )
  }
}

const isOfFile = (cause: unknown): cause is Error & { readonly path: string } =>
  cause instanceof Error && typeof (cause as NodeJS.ErrnoException).path === 'string'
