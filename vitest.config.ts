import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What sets whole flocks of processes to whole jobs, and what goes through every place or seed: `npm run test:long`.
 * Without it, `npm test` stays below four minutes on two cores.
 */
const LONG = [
  ...['textkit', 'shipping', 'rules-textkit', 'detach', 'cancel', 'kill-points', 'killed-run', 'topologies'],
  ...['limits', 'replay', 'mcp', 'rules-forwarded', 'approval'],
]
  .map((name) => `test/e2e/${name}.test.ts`)
  .concat([
    'test/bus/nats-cluster.test.ts',
    'test/cli/leaving.test.ts',
    'test/diagnose/diagnose.test.ts',
    'test/diagnose/good-runs.test.ts',
    'test/model-check/model-check.test.ts',
    'test/simulation/crash-places.test.ts',
    'test/simulation/planted/planted.test.ts',
  ])

/**
 * What takes longest, in the order to begin with: begun last, one of them would run alone at the end. Those that work
 * stand beside those that mostly wait.
 */
const FIRST = [
  ...[
    'e2e/textkit',
    'e2e/detach',
    'e2e/cancel',
    'e2e/shipping',
    'e2e/rules',
    'e2e/kill',
    'simulation/planted',
  ],
  ...['cli/leaving', 'cli/skein', 'examples/', 'simulation/', 'bus/nats', 'e2e/', 'lab/', 'cli/'],
]

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = FIRST.findIndex((start) => moduleId.includes(`/test/${start}`))
  return rank === -1 ? FIRST.length : rank
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}

const SHARED = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  maxWorkers: 2,
}

/**
 * Files that mock modules, or that set OpenTelemetry's variables and have its SDK register itself: a vendor's module
 * reads them as it is loaded, and keeps what is registered for the process.
 */
const ISOLATED = [
  'test/traces/index.test.ts',
  'test/traces/provider.test.ts',
  'test/traces/provider-signals.test.ts',
  'test/flock/dead-collector.test.ts',
  'test/cli/on-kept-bus.test.ts',
]

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    reporters: ['default', './test/tally.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      // No module has state, so files of one worker share them: loading them anew for each file took most of its time.
      {
        test: {
          ...SHARED,
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...ISOLATED, ...LONG],
          isolate: false,
        },
      },
      { test: { ...SHARED, name: 'isolated', include: ISOLATED } },
      { test: { ...SHARED, name: 'long', include: LONG, isolate: false } },
    ],
  },
})
