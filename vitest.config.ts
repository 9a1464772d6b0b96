// How the tests run. Three files at a time on two cores, since a file often waits for a page or a process; each in a process
// of its own with its own cache folder. Networks take one thread each. What measures time runs by itself at the end.
import { resolve } from 'node:path'
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { SMALL_DEMO } from './test/small-demo.ts'

const WORKERS = 3

/** The longest first, so that no worker is left with one at the end; what is not named follows. */
const LONGEST = [
  'engine/webgpu.test.ts',
  'cli/slurm.test.ts',
  'e2e/generators.test.ts',
  'e2e/curves.test.ts',
  'e2e/evaluate.test.ts',
  'e2e/clusters.test.ts',
  'cli/survive.test.ts',
  'e2e/regions.test.ts',
  'engine/slurm/joined.test.ts',
  'e2e/figures.test.ts',
  'engine/figures/size.test.ts',
  'e2e/studio.test.ts',
  'e2e/slurm.test.ts',
  'engine/runs/sweep/sweep.test.ts',
  'cli/digit.test.ts',
  'e2e/',
  'cli/',
  'main/',
  'engine/api/',
]
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}`))
      return found < 0 ? LONGEST.length : found
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

/** What depends on how fast frames, heartbeats or pages come. */
const ALONE = [
  'test/cli/heartbeat.test.ts',
  'test/engine/checkpoint/pickle.test.ts',
  'test/e2e/frames.test.ts',
  'test/e2e/large-library.test.ts',
]

/** What runs networks on a GPU in software. The other files do without that driver, which takes half a minute to try. */
const ON_GPU = ['test/engine/webgpu.test.ts']

/** Takes the driver of the GPU in software away from its whole process. */
const LOSES_GPU = ['test/engine/devices/no-adapter.test.ts']

/** What needs neither a network nor a process nor a browser: `npm run test:quick`. */
const UNIT = [
  'test/*.test.ts',
  'test/cli/serve/token.test.ts',
  'test/{bench,renderer,shared}/**/*.test.ts',
  'test/engine/{bytes,images,logs,tokenizer,tokens}/**/*.test.ts',
  'test/engine/devices/network-pool.test.ts',
  'test/engine/checkpoint/open.test.ts',
  'test/engine/model-set/cache.test.ts',
  'test/engine/records/{row-file,stamps}.test.ts',
  'test/engine/runs/evaluation/match-classes.test.ts',
  'test/engine/workspace/{atlases,copies,training-logs}.test.ts',
  'test/main/package.test.ts',
]

/** What leaves nothing behind in its process, so that files can share one. */
const SHARED = [
  'test/engine/{checkpoint,figures,inspect,metrics,models,paper,records,workspace}/**/*.test.ts',
  'test/engine/decoding/**/*.test.ts',
  'test/engine/model-set/**/*.test.ts',
  'test/engine/{api,runs,slurm}/**/*.test.ts',
  'test/{cli,e2e}/**/*.test.ts',
]

/** Before each file. */
const SETUP = ['test/apart.ts', 'test/equal-arrays.ts', 'test/tell-what-pages-show.ts']

/** V8's helper threads wake each other more than they help where every core has two processes: a tenth of the time. */
const ONE_HELPER = '--v8-pool-size=1'

const HEAVY = {
  pool: 'forks' as const,
  execArgv: [ONE_HELPER],
  globalSetup: ['test/build.ts', 'test/small-demo.ts', 'test/webgpu-driver.ts'],
  // A slow machine gets time instead of a false failure.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 20_000 } },
  // NODE_OPTIONS is for the processes that tests start.
  env: { DIGIT_THREADS: '1', DIGIT_DEMO: resolve(SMALL_DEMO), NODE_OPTIONS: ONE_HELPER },
} satisfies TestProjectInlineConfiguration['test']

export default defineConfig({
  test: {
    maxWorkers: WORKERS,
    sequence: { sequencer: LongestFirst },
    globalSetup: 'test/temporary-root.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: UNIT,
          setupFiles: SETUP,
          execArgv: [ONE_HELPER],
          // One process for many files: starting one and loading the packages took longer than the tests.
          isolate: false,
          testTimeout: 600_000,
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          ...HEAVY,
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...UNIT, ...SHARED, ...ON_GPU, ...LOSES_GPU, ...ALONE],
          setupFiles: [...SETUP, 'test/without-gpu.ts'],
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          ...HEAVY,
          name: 'shared',
          include: SHARED,
          exclude: [...configDefaults.exclude, ...UNIT, ...ON_GPU, ...ALONE],
          setupFiles: [...SETUP, 'test/without-gpu.ts'],
          // One process for many files: loading onnxruntime and the engine takes seconds.
          isolate: false,
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          ...HEAVY,
          name: 'gpu',
          include: ON_GPU,
          setupFiles: SETUP,
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          ...HEAVY,
          name: 'no gpu',
          include: LOSES_GPU,
          setupFiles: SETUP,
          maxWorkers: WORKERS,
        },
      },
      {
        test: {
          ...HEAVY,
          name: 'alone',
          include: ALONE,
          setupFiles: [...SETUP, 'test/without-gpu.ts'],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
