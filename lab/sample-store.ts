/**
 * Samples on disk: a line of JSON for each, appended as its run ends, so that a lab that was interrupted goes on where
 * it was. The first line names the experiment by its hash; samples of another one are not mixed with these. What is
 * there is never written again: a process that is killed at any moment loses no sample that had ended, and those of a
 * real job were paid for.
 */
import { createHash } from 'node:crypto'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { SkeinError } from '../protocols/errors.ts'
import { isReal, type Read } from './experiment.ts'
import { contentsOf } from './real/directories.ts'
import type { Sample } from './results.ts'

/** Raised when the same experiment and seed give other samples than before. */
const ENGINE = 3

const headSchema = z.object({ format: z.literal(1), experiment: z.string(), name: z.string() })
const sampleSchema = z.object({
  cell: z.string(),
  seed: z.number(),
  outcome: z.string(),
  metrics: z.record(z.string(), z.number()),
})

/** Of all that decides what its samples are. Not of the seeds: an experiment may be given more of them. */
export async function hashOf({ variants, files, folder }: Read): Promise<string> {
  const contents: string[] = []
  for (const { experiment } of variants)
    if (isReal(experiment)) contents.push(...(await contentsOf(experiment.job, folder)))
  const decisive = variants.map(({ varied, experiment }) => {
    const { name: _, description: __, seeds: ___, confidence: ____, ...rest } = experiment
    return { varied, rest }
  })
  return createHash('sha256')
    .update(JSON.stringify([ENGINE, decisive, files, ...contents]))
    .digest('hex')
}

export interface SampleStore {
  /** Those that were there. */
  readonly samples: readonly Sample[]
  append(sample: Sample): Promise<void>
}

/**
 * @throws OtherExperimentError where the file holds samples of another experiment
 */
export async function openSamples(file: string, read: Read): Promise<SampleStore> {
  const experiment = await hashOf(read)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const [head, ...lines] = text.split('\n')
  // What was cut off in the middle of a line is run again.
  const whole = lines.slice(0, -1)
  const known = headSchema.safeParse(parsed(head))
  if (text.includes('\n') && known.data?.experiment !== experiment)
    throw new OtherExperimentError(file, known.data?.name)
  const samples = whole.flatMap((line) => sampleSchema.safeParse(parsed(line)).data ?? [])
  await mkdir(dirname(file), { recursive: true })
  if (!text.includes('\n'))
    await writeFile(file, `${JSON.stringify({ format: 1, experiment, name: read.experiment.name })}\n`)
  else if (!text.endsWith('\n')) await appendFile(file, '\n')
  let writing = Promise.resolve()
  return {
    samples,
    append(sample) {
      writing = writing.then(() => appendFile(file, `${JSON.stringify(sample)}\n`))
      return writing
    },
  }
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '')
  } catch {
    return undefined
  }
}

/** The folder has results of something else. */
export class OtherExperimentError extends SkeinError {
  constructor(file: string, name: string | undefined) {
    const whose = name === undefined ? 'no samples of a lab' : `samples of another experiment, "${name}"`
    super(
      'lab.other-experiment',
      `${file} holds ${whose}: choose another folder, or remove it if they are not wanted any more`,
    )
  }
}
