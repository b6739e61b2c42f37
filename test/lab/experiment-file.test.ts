import { describe, expect, it } from 'vitest'
import { cellsOf } from '../../lab/experiment.ts'
import { type ExperimentFileError, readExperiment } from '../../lab/experiment-file.ts'

const GOOD = `name: tiny
job:
  graph: { shape: independent, tasks: 10 }
  service: { mean: 2s, c2: 1 }
sizes: [1, 2]
`

const problemsOf = (source: string): readonly string[] => {
  try {
    readExperiment(source, 'lab.yaml')
  } catch (error) {
    return (error as ExperimentFileError).message.split('\n')
  }
  return []
}

describe('an experiment from a file', () => {
  it('has what was left out as well', () => {
    const { experiment } = readExperiment(GOOD, 'lab.yaml')
    expect(experiment.seeds).toHaveLength(30)
    expect(experiment.topologies).toEqual(['mesh', 'star', 'solo'])
    expect(experiment).toMatchObject({
      job: { service: { mean: 2_000, c2: 1 }, hub: { mean: 0, c2: 0 } },
      lease: 10_000,
    })
  })

  it('may be JSON', () => {
    const job = { graph: { shape: 'chain', tasks: 3 }, service: '1m30s' }
    const source = JSON.stringify({ name: 'json', job, sizes: [1] })
    expect(readExperiment(source, 'lab.json').experiment.job).toMatchObject({
      service: { mean: 90_000, c2: 0 },
    })
  })

  it.each([
    ['a key that is none', `${GOOD}sedes: 3\n`, '6:8', 'no "sedes": allowed are name, description, job'],
    [
      'a time without a unit',
      GOOD.replace('2s', '2'),
      '4:20',
      'job.service.mean cannot be 2: it is a length of time with its unit: write it like 250ms, 2s or 1m30s',
    ],
    ['an unknown topology', `${GOOD}topologies: [mesh, cube]\n`, '6:20', 'cannot be "cube"'],
    ['a size that is too small', GOOD.replace('[1, 2]', '[1, 0]'), '5:12', 'sizes.1 cannot be 0'],
    ['a C² that no sum of phases has', GOOD.replace('c2: 1', 'c2: 0.7'), '4:28', 'one over a whole number'],
    ['what is missing', GOOD.replace(/ {2}service.*\n/, ''), '3:3', 'job.service is missing'],
    ['what is no YAML', `${GOOD}faults: [none\n`, '7:1', 'an experiment is YAML or JSON'],
  ])('says where %s is', (_, source, place, text) => {
    const [problem = ''] = problemsOf(source)
    expect(problem).toContain(`lab.yaml:${place}: `)
    expect(problem).toContain(text)
  })

  it('says all that is wrong at once', () => {
    expect(problemsOf(`${GOOD.replace('2s', 'soon')}lease: never\n`)).toHaveLength(2)
  })

  it('refuses tasks that wait for each other, where the first of them stands', () => {
    const source = `name: circle
job:
  service: 1s
  graph:
    shape: tasks
    tasks:
      - { name: a }
      - { name: b, needs: [a, c] }
      - { name: c, needs: [b] }
sizes: [1]
`
    expect(problemsOf(source)).toEqual([
      'lab.yaml:8:9: job.graph.tasks.1: "b" waits for itself, in a circle of needs',
    ])
  })

  it('refuses a supervisor for what passes stages by itself', () => {
    const stages = '{ shape: pipeline, items: 9, stages: [{ service: 1s }, { service: 2s }] }'
    const source = `${GOOD.replace('{ shape: independent, tasks: 10 }', stages)}topologies: [pipeline, star]\n`
    expect(problemsOf(source)[0]).toContain('lab.yaml:6:24: topologies.1')
  })

  it('makes a cell of every combination, and one size of the single agent', () => {
    const read = readExperiment(
      `${GOOD}topologies: [star, solo]
faults: [none, leaf]
vary:
  - { path: job.hub.mean, values: [1s, 2s] }
`,
      'lab.yaml',
    )
    const cells = cellsOf(read)
    expect(cells.map(({ id }) => id).filter((id) => id.includes('1s'))).toEqual([
      'star anybody n1 none job.hub.mean=1s',
      'star anybody n1 leaf job.hub.mean=1s',
      'star anybody n2 none job.hub.mean=1s',
      'star anybody n2 leaf job.hub.mean=1s',
      'solo anybody n1 none job.hub.mean=1s',
      'solo anybody n1 leaf job.hub.mean=1s',
    ])
    expect(cells).toHaveLength(12)
    expect(cells.at(-1)!.experiment.job).toMatchObject({ hub: { mean: 2_000 } })
  })

  it('says which value of a variation is none', () => {
    const source = `${GOOD}vary:\n  - { path: job.errors, values: [0.1, 3] }\n`
    expect(problemsOf(source)[0]).toContain('lab.yaml:7:39: job.errors as 3 is none')
  })
})
