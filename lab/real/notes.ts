/** What is to be said of an experiment with a real job, beside its numbers. */
import { OFFLINE_MODEL } from '../../src/model/offline.ts'
import type { RealExperiment } from './experiment.ts'

export const realNotes = ({ job }: RealExperiment): readonly string[] => [
  'These are real runs in real time: seeds only repeat them, and the same seed does not give the same sample again. Runs at the same time take time from each other; --threads 1 has each of them alone.',
  'All peers of a run are in one process, on a bus in memory: messages take next to no time, as they would not between machines.',
  ...(job.model === OFFLINE_MODEL
    ? [
        'The agents are offline: policies stand for models, answer at once and use no tokens. What takes time are tools, and what is written in prompts is what a model would have been given.',
      ]
    : []),
  'Nothing is predicted: theory needs service times that are known.',
]
