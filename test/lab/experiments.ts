/** Small experiments. */
import { type AnyCell, cellsOf, type Read } from '../../lab/experiment.ts'
import { readExperiment } from '../../lab/experiment-file.ts'

/** @param change lines of YAML: of the job where they are indented */
export const experimentOf = (graph: string, ...change: readonly string[]): Read => {
  const ofJob = change.filter((line) => line.startsWith(' '))
  const others = change.filter((line) => !line.startsWith(' '))
  const has = (key: string) => change.some((line) => line.trim().startsWith(`${key}:`))
  return readExperiment(
    [
      'name: small',
      'job:',
      `  graph: ${graph}`,
      ...(has('service') ? [] : ['  service: 2s']),
      ...ofJob,
      ...(has('sizes') ? [] : ['sizes: [2]']),
      ...(has('seeds') ? [] : ['seeds: 1']),
      ...others,
    ].join('\n'),
    'small.yaml',
  )
}

export const onlyCell = (read: Read): AnyCell => cellsOf(read)[0]!
