// The script of a phase as sbatch reads it, and the states of tasks from the queue and their reports.
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { arrayText, batchScript, quoted } from '../../../src/engine/slurm/script.ts'
import { saveReport } from '../../../src/engine/slurm/submission-folder.ts'
import { planSubmission } from '../../../src/engine/slurm/submit.ts'
import { taskViews } from '../../../src/engine/slurm/view.ts'
import type { KMeansSpec, SampleSpec } from '../../../src/shared/run/run.ts'
import { PlacementSchema, WhereSchema } from '../../../src/shared/slurm/submission.ts'
import { QUICK } from '../../quick-request.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const folder = temporaryFolder()
const sample: SampleSpec = {
  kind: 'sample',
  ...QUICK,
  count: 100,
  model: '/models',
  out: folder.path,
  shards: 1,
  shard: 0,
}

it('names tasks as sbatch does', () => {
  expect(arrayText([0, 1, 2, 3, 7, 9, 10])).toBe('0-3,7,9-10')
  expect(arrayText([0, 1, 2, 3], 2)).toBe('0-3%2')
  expect(arrayText([5], 2)).toBe('5')
})

it('passes any word through a shell', () => {
  for (const word of ['plain', 'two words', "it's", '$HOME', '', 'a"b', '`x`', '*']) {
    const { stdout } = spawnSync('bash', ['-c', `printf %s ${quoted(word)}`], { encoding: 'utf8' })
    expect(stdout).toBe(word)
  }
})

it('writes options, the template of the site and the command in the order that sbatch needs', () => {
  const placement = {
    shards: 4,
    atOnce: 2,
    partition: 'gpu',
    time: '1:00:00',
    gpusPerTask: 1,
    options: ['--mem=32G'],
    template: '#!/bin/sh\n#SBATCH --exclude=node13\nmodule load cuda\n',
  }
  const { submission } = planSubmission({ specs: [sample], placement })
  const text = batchScript({
    submission,
    phase: submission.phases[0]!,
    folder: '/100% shared/run',
    command: ['/usr/bin/node', '/opt/digit.js'],
    environment: { DIGIT_CACHE: '/tmp/my cache' },
  })
  expect(text.split('\n')).toEqual([
    '#!/bin/bash',
    `#SBATCH --job-name=${submission.id}-sample`,
    '#SBATCH --array=0-3%2',
    '#SBATCH --output="/100%% shared/run/sample-%4a.log"',
    '#SBATCH --open-mode=append',
    '#SBATCH --requeue',
    '#SBATCH --signal=B:USR2@120',
    '#SBATCH --partition=gpu',
    '#SBATCH --time=1:00:00',
    '#SBATCH --gpus-per-task=1',
    '#SBATCH --ntasks=1',
    '#SBATCH --mem=32G',
    '#SBATCH --exclude=node13',
    'module load cuda',
    "export DIGIT_CACHE='/tmp/my cache'",
    `exec /usr/bin/node /opt/digit.js task '/100% shared/run' sample "$SLURM_ARRAY_TASK_ID"`,
    '',
  ])
})

it('refuses options that would become further lines or commands', () => {
  const isValid = (fields: object) => PlacementSchema.safeParse({ shards: 1, ...fields }).success
  expect(isValid({ options: ['--mem=1G\nrm -rf /'] })).toBe(false)
  expect(isValid({ options: ['mem'] })).toBe(false)
  expect(isValid({ partition: 'a\nb' })).toBe(false)
  expect(isValid({ host: '-oProxyCommand=x' })).toBe(false)
  expect(isValid({ host: 'me@login.example' })).toBe(true)
})

it('divides a K-Means into one pass and one reducer an iteration', () => {
  const spec: KMeansSpec = {
    kind: 'kmeans',
    model: '/models',
    out: '/out',
    device: 'cpu',
    batchSize: 16,
    images: ['/pictures'],
    k: 16,
    iterations: 2,
    restarts: 1,
    maxPointsPerCentroid: 256,
    seed: 0,
    pictures: 1,
    patches: 1,
    augment: false,
  }
  const { phases } = planSubmission({ specs: [spec], placement: { shards: 3 } }).submission
  expect(phases.map(({ name, tasks }) => `${name} ${tasks}`)).toEqual([
    'encode 3',
    'reduce 1',
    ...['assign 3', 'reduce-2 1', 'assign-2 3', 'reduce-3 1', 'assign-3 3', 'reduce-4 1'],
  ])
})

it('sees from the queue and the reports which tasks are done, run, failed or wait', async () => {
  const { submission } = planSubmission({ specs: [sample], placement: { shards: 5 } })
  const report = { node: 'n1', step: 3, of: 20, note: 'stage 1', started: '', updated: '' }
  await saveReport(folder.path, 'sample', 0, { ...report, state: 'done' })
  await saveReport(folder.path, 'sample', 1, { ...report, state: 'running' })
  await saveReport(folder.path, 'sample', 2, { ...report, state: 'running' })
  await saveReport(folder.path, 'sample', 3, { ...report, state: 'failed', problem: 'no models' })
  folder.write('sample-0002.log', 'line one\nKilled\n')
  const jobs = [
    { phase: 'sample', job: 7, tasks: [0, 1, 2, 3, 4] },
    { phase: 'sample-join', job: 8, tasks: [0] },
  ]
  const queue = [
    { job: 7, task: 1, isRunning: true, node: 'n1', reason: 'None' },
    { job: 7, task: 4, isRunning: false, node: '', reason: 'Resources' },
    { job: 8, task: 0, isRunning: false, node: '', reason: 'Dependency' },
  ]
  const shown = async (known: typeof queue | undefined) =>
    (await taskViews(folder.path, { ...submission, jobs }, known)).map(({ state, why }) => [state, why])
  expect(await shown(queue)).toEqual([
    ['done', undefined],
    ['running', undefined],
    ['failed', 'ended without a result; last line of its log: Killed'],
    ['failed', 'no models'],
    ['queued', 'Resources'],
    ['waiting', undefined],
  ])
  // Without an answer of SLURM nothing is declared dead.
  expect((await shown(undefined)).map(([state]) => state).slice(0, 3)).toEqual(['done', 'running', 'running'])
})

it('takes nothing from a page that would run other commands', () => {
  const asked = { shards: 2, partition: 'gpu', template: 'rm -rf /', options: ['--wrap=x'], host: 'there' }
  expect(WhereSchema.parse(asked)).toEqual({ shards: 2, partition: 'gpu' })
})

it('recognizes the same work in whatever order its fields come', () => {
  const { count, ...rest } = sample
  const id = (spec: SampleSpec) => planSubmission({ specs: [spec], placement: { shards: 2 } }).submission.id
  expect(id({ count, ...rest })).toBe(id({ ...rest, count }))
  expect(id({ ...rest, count: count + 1 })).not.toBe(id(sample))
})
