// `digit submit` and `digit jobs` against a real SLURM: tasks that are killed, cancelled, requeued and that fail.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { SubmissionView } from '../../src/shared/slurm/submission.ts'
import { demoFolder } from '../../src/engine/model-set/resources.ts'
import { BUILT } from '../built.ts'
import { demoClassFolder } from '../demo.ts'
import { hasSlurm, slurm } from '../slurm.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder.path, name)
const env = { ...process.env, DIGIT_WORKSPACE: at('workspace'), DIGIT_CACHE: at('cache') }

/** JSON of a command. */
function digit<T>(...args: string[]): T {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT.command, ...args, '--json'], {
    encoding: 'utf8',
    env,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as T
}

interface Submitted {
  readonly folder: string
  readonly submission: { readonly id: string }
  readonly tasks: readonly {
    readonly phase: string
    readonly tasks: readonly number[]
    readonly job: number
  }[]
}
const submit = (options: readonly string[], ...command: string[]): Submitted => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [BUILT.command, 'submit', '--json', ...options, '--', ...command],
    { encoding: 'utf8', env },
  )
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Submitted
}
const show = (id: string) => digit<SubmissionView>('jobs', 'show', id)
const taskOf = ({ tasks }: SubmissionView, phase: string, task: number) =>
  tasks.find((one) => one.phase === phase && one.task === task)!

/** Until this is so. Throws once it cannot become so, since nothing of the submission is in the queue any more. */
async function until(id: string, isSo: (view: SubmissionView) => boolean): Promise<SubmissionView> {
  for (;;) {
    const view = show(id)
    if (isSo(view)) return view
    if (isOver(view)) throw new Error(`ended before: ${JSON.stringify(view.tasks)}`)
    await wait(500)
  }
}
const isOver = ({ tasks }: SubmissionView) =>
  tasks.every(({ state }) => state !== 'running' && state !== 'queued')

const images = (name: string) => (existsSync(at(name)) ? readdirSync(join(at(name), 'images')) : [])
const digests = (name: string) =>
  Object.fromEntries(
    [...images(name).map((image) => `images/${image}`), 'tokens.npz', 'codes.codecs', 'grid.png'].map(
      (file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(at(name), file)))
          .digest('hex'),
      ],
    ),
  )

// A test that failed leaves nothing in the queue.
afterAll(() => {
  if (!hasSlurm()) return
  const { submissions } = digit<{ submissions: SubmissionView[] }>('jobs')
  for (const { id } of submissions) digit('jobs', 'cancel', id)
})

const SAMPLE = ['--device', 'cpu', '--stage2', 'nar', '--steps', '2', '--batch-size', '2']

describe.skipIf(!hasSlurm())('SLURM', () => {
  it('resumes tasks that were killed, cancelled and requeued with one command, to the same bytes', async () => {
    digit('sample', ...SAMPLE, '--count', '24', '--out', at('whole'))
    const { submission, tasks, folder } = submit(
      ['--shards', '4'],
      ...['sample', ...SAMPLE, '--count', '24', '--out', at('parts')],
    )
    const { id } = submission
    const { job } = tasks[0]!
    await until(id, (view) => [0, 1].every((task) => (taskOf(view, 'sample', task).step ?? 0) >= 1))
    slurm('scancel', `${job}_2`, `${job}_3`)
    process.kill(pidOfTask(folder, 1), 'SIGKILL')
    slurm('scontrol', 'requeue', `${job}_0`)
    // SLURM lets a requeued job wait for two minutes; it may start at once here.
    await until(id, (view) => taskOf(view, 'sample', 0).why === 'BeginTime')
    slurm('scontrol', 'update', `jobid=${job}_0`, 'starttime=now')
    const cut = await until(id, isOver)
    expect(cut.tasks.map(({ phase, task, state }) => `${phase} ${task} ${state}`)).toEqual([
      'sample 0 done',
      'sample 1 failed',
      'sample 2 stopped',
      'sample 3 stopped',
      'sample-join 0 waiting',
    ])
    expect(taskOf(cut, 'sample', 1).why).toContain('ended without a result')
    const before = images('parts').length
    expect(before).toBeGreaterThan(0)
    const again = digit<Submitted>('jobs', 'resume', id)
    expect(again.tasks.map(({ phase, tasks }) => [phase, tasks])).toEqual([
      ['sample', [1, 2, 3]],
      ['sample-join', [0]],
    ])
    await until(id, ({ state }) => state === 'done')
    expect(images('parts')).toHaveLength(24)
    expect(digests('parts')).toEqual(digests('whole'))
    // Submitting the same again has nothing to do.
    expect(digit<Submitted>('jobs', 'resume', id).tasks).toEqual([])
  })

  it('shows why a task failed with the line of its log, and keeps what is finished', async () => {
    cpSync(demoFolder(), at('models'), { recursive: true })
    const command = ['sample', '--model', at('models'), ...SAMPLE, '--count', '4', '--out', at('failing')]
    const held = submit(['--shards', '2', '--sbatch=--hold'], ...command)
    const { id } = held.submission
    renameSync(at('models'), at('elsewhere'))
    slurm('scontrol', 'release', String(held.tasks[0]!.job))
    const failed = await until(id, isOver)
    expect(failed.state).toBe('failed')
    expect(taskOf(failed, 'sample', 0).why).toContain(at('models'))
    const { lines } = digit<{ lines: string[] }>('jobs', 'log', id, 'sample', '0')
    expect(lines.at(-1)).toMatch(new RegExp(`^digit: .*${at('models')}`))
    const listed = digit<{ submissions: SubmissionView[] }>('jobs')
    expect(listed.submissions.find((one) => one.id === id)?.state).toBe('failed')
    renameSync(at('elsewhere'), at('models'))
    // The scripts hold what they submit.
    const { tasks } = digit<Submitted>('jobs', 'resume', id)
    for (const { job } of tasks) slurm('scontrol', 'release', String(job))
    await until(id, ({ state }) => state === 'done')
    expect(images('failing')).toHaveLength(4)
  })

  it('trains K-Means with one reducer an iteration to the centroids of one process', async () => {
    const pictures = [0, 1, 2].map(demoClassFolder)
    const command = ['kmeans', ...pictures, '-k', '16', '--iterations', '2', '--device', 'cpu']
    digit(...command, '--out', at('clusters'))
    const { submission } = submit(['--shards', '4'], ...command, '--out', at('clusters-parts'))
    const done = await until(submission.id, isOver)
    expect(done.state).toBe('done')
    const codebook = (name: string) => readFileSync(join(at(name), 'km_16.npy'))
    expect(codebook('clusters-parts')).toEqual(codebook('clusters'))
  })

  it('samples and measures the points of a sweep to the table of one process', async () => {
    const command = [
      ...['sweep', ...SAMPLE, '--count', '2', '--axis', 'temperature=0.7, 0.9, 1, 1.2'],
      ...['--reference', demoClassFolder(0), '--protocol', 'dinov2'],
    ]
    digit(...command, '--out', at('sweep'))
    const { submission } = submit(['--shards', '4'], ...command, '--out', at('sweep-parts'))
    await until(submission.id, ({ state }) => state === 'done')
    const table = (name: string) => readFileSync(join(at(name), 'sweep.csv'), 'utf8')
    expect(table('sweep-parts')).toBe(table('sweep'))
  })

  it('returns a task to the queue that is near its time limit, and cancels the rest on request', async () => {
    const { submission, tasks, folder } = submit(
      ['--shards', '1'],
      ...['sample', ...SAMPLE, '--count', '40', '--out', at('long')],
    )
    const { id } = submission
    const { job } = tasks[0]!
    await until(id, (view) => (taskOf(view, 'sample', 0).step ?? 0) >= 1)
    slurm('scancel', '--batch', '--signal=USR2', `${job}_0`)
    await until(id, (view) => taskOf(view, 'sample', 0).state === 'queued')
    const report = JSON.parse(readFileSync(join(folder, 'sample-0000.json'), 'utf8')) as { state: string }
    expect(report.state).toBe('stopped')
    expect(images('long').length).toBeGreaterThan(0)
    digit('jobs', 'cancel', id)
    const cut = await until(id, isOver)
    expect(cut.tasks.map(({ state }) => state)).toEqual(['stopped', 'waiting'])
  })
})

/** Process number of a running task. */
function pidOfTask(folder: string, task: number): number {
  const isIt = (pid: string) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return words.includes(folder) && words.at(-2) === String(task)
    } catch {
      return false
    }
  }
  return Number(readdirSync('/proc').find((name) => /^\d+$/.test(name) && isIt(name)))
}
