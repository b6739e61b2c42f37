/** `skein lab`: an experiment, what was measured, and what theory says beside it, as a page, CSV and JSON. */
import { readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Argv } from 'yargs'
import { isReal, type Read } from '../lab/experiment.ts'
import { readExperiment } from '../lab/experiment-file.ts'
import { type Hand, ownHand, threadHand } from '../lab/hands.ts'
import { type LabOutcome, runLab } from '../lab/lab.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import type { Parsed } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'
import { LAB_TEXT } from './show/containment.ts'
import { labProgress, showFindings } from './show/lab.ts'
import { inFolder, writeLabFiles } from './show/lab-files.ts'
import { screen } from './show/terminal.ts'

/** What has ended, line by line: an interrupted lab goes on from it. */
const SAMPLES = 'samples.jsonl'

const options = (yargs: Argv) =>
  yargs
    .positional('file', { type: 'string', demandOption: true, describe: 'the experiment, YAML or JSON' })
    .option('out', {
      alias: 'o',
      type: 'string',
      normalize: true,
      requiresArg: true,
      describe: 'folder for what comes of it  [default: lab-results/<name>]',
    })
    .option('seeds', {
      type: 'number',
      requiresArg: true,
      describe: 'how many, instead of those of the experiment: fewer for a first look',
    })
    .option('threads', {
      type: 'number',
      requiresArg: true,
      describe: 'runs at a time  [default: one a core; one, where the job is real]',
    })
    .option('fresh', { type: 'boolean', describe: 'begin anew, and forget what was measured before' })
    .option('json', { type: 'boolean', describe: 'print the results as one JSON object, and no progress' })
    .example('$0 lab examples/lab/supervisor.yaml', 'when do peers beat a supervisor?')

export default command(options, async (given) => {
  const [out, err] = [screen(process.stdout), screen(process.stderr)]
  const read = withSeeds(await readFileOf(given.file), given.seeds)
  const folder = resolve(given.out ?? join('lab-results', slugOf(read.experiment.name)))
  const samples = join(folder, SAMPLES)
  if (given.fresh) await inFolder(folder, () => rm(samples, { force: true }))
  const stop = stopOnSignals()
  const hands = handsFor(read, given)
  if (isReal(read.experiment) && !given.json) err.line(LAB_TEXT)
  const progress = labProgress(given.json ? undefined : err, systemClock())
  let outcome: LabOutcome
  try {
    const options = { read, samples, hands, onSample: progress.sample, signal: stop.signal }
    outcome = await inFolder(folder, () => runLab(options))
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error
    progress.end()
    err.line(`stopped; what has ended is kept in ${samples}, and the same command goes on from there`)
    if (given.json) out.line(JSON.stringify({ error: { code: 'cli.stopped', message: 'stopped' } }))
    return EXIT.interrupted
  }
  progress.end()
  const { results } = outcome
  // Of real runs a seed decides next to nothing.
  const paired = isReal(read.experiment) ? [] : outcome.samples
  const files = await writeLabFiles(folder, outcome, paired)
  if (given.json) out.line(JSON.stringify(results))
  else showFindings(results, paired, files, out)
  return EXIT.ok
})

type Given = Parsed<typeof options>

async function readFileOf(file: string): Promise<Read> {
  const source = await readFile(file, 'utf8').catch((cause) => {
    throw new CliError('experiment', `"${file}" cannot be read: give the path of an experiment`, { cause })
  })
  return readExperiment(source, file, (name) => {
    const path = join(dirname(file), name)
    try {
      return readFileSync(path, 'utf8')
    } catch (cause) {
      throw new CliError('topology', `the topology "${path}" of "${file}" cannot be read`, { cause })
    }
  })
}

function withSeeds(read: Read, count: number | undefined): Read {
  if (count === undefined) return read
  if (!Number.isInteger(count) || count < 1)
    throw new CliError('seeds', 'the number of seeds must be a whole one, 1 or more')
  const seeds = Array.from({ length: count }, (_, index) => index + 1)
  const { experiment, variants } = read
  return {
    ...read,
    experiment: { ...experiment, seeds },
    variants: variants.map((variant) => ({ ...variant, experiment: { ...variant.experiment, seeds } })),
  }
}

/** A real run waits for others most of the time, and is stopped by nobody but itself: it takes no thread of its own. */
function handsFor(read: Read, { threads }: Given): readonly Hand[] {
  const isOfReal = isReal(read.experiment)
  const count = threads ?? (isOfReal ? 1 : availableParallelism())
  if (!Number.isInteger(count) || count < 1 || count > 64)
    throw new CliError('threads', 'the number of threads must be a whole one, from 1 to 64')
  return Array.from({ length: count }, () => (isOfReal ? ownHand() : threadHand(read)))
}

/** Safe as the name of a folder. */
const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'experiment'
