// `digit submit` and `digit jobs` against a real SLURM: tasks that are killed, cancelled, requeued and that fail.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { readStored } from '../../src/engine/bytes/index.ts'
import { finishedImages, imageName } from '../../src/engine/records/workspace.ts'
import { cancel, submissionsIn } from '../../src/engine/slurm/index.ts'
import type { SubmissionView } from '../../src/shared/slurm/submission.ts'
import { BUILT } from '../built.ts'
import { demoClassFolder } from '../demo.ts'
import { HAS_SLURM, isOver, slurm, taskOf, until, viewOf } from '../slurm.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder.path, name)
const env = { ...process.env, DIGIT_WORKSPACE: at('workspace'), DIGIT_CACHE: at('cache') }

/** JSON of a command. */
function digit<T>(...args: string[]): T {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT.command, ...args], {
    encoding: 'utf8',
    env,
  })
  if (status !== 0) throw new Error(`digit ${args.join(' ')}: ${stderr}`)
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
const submit = (options: readonly string[], ...command: string[]): Submitted =>
  digit('submit', '--json', ...options, '--', ...command)

/** Numbers of the images, packed or not. */
const images = (name: string) => finishedImages(join(at(name), 'images')).catch((): number[] => [])
async function digests(name: string): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  const files = (await images(name)).map((image) => `images/${imageName(image)}`)
  for (const file of [...files, 'tokens.npz', 'codes.codecs', 'grid.png'])
    digests[file] = createHash('sha256')
      .update(await readStored(join(at(name), file)))
      .digest('hex')
  return digests
}

// A test that failed leaves nothing in the queue.
afterAll(async () => {
  if (HAS_SLURM) for (const view of await submissionsIn(at('workspace'))) await cancel(view.folder)
})

const TINY = resolve('test/fixtures/official-tiny')
/** One image a batch, so that a task can be cut after each. */
const QUICK = ['--device', 'cpu', '--stage2', 'nar', '--steps', '2', '--batch-size', '1']
const SAMPLE = ['sample', '--model', TINY, ...QUICK]
/** Enough that a task which has made its first is far from its last. */
const EACH = 5

describe.skipIf(!HAS_SLURM)('SLURM', () => {
  it('resumes tasks that were killed, cancelled and requeued with one command, to the same bytes', async () => {
    const command = [...SAMPLE, '--count', String(4 * EACH), '--out']
    const { submission, tasks, folder } = submit(
      ['--shards', '4', '--at-once', '2'],
      ...[...command, at('parts'), '--pack'],
    )
    const { id } = submission
    const { job } = tasks[0]!
    slurm('scancel', `${job}_2`, `${job}_3`)
    const requeued = await frozen(folder, 'parts', 0)
    slurm('scontrol', 'requeue', `${job}_0`)
    process.kill(requeued, 'SIGCONT')
    process.kill(await frozen(folder, 'parts', 1), 'SIGKILL')
    digit('sample', ...command.slice(1), at('whole'), '--json')
    const cut = await until(folder, (view) => {
      startNow(view, job)
      return samplesOf(view).every(({ state }) => state !== 'running' && state !== 'queued')
    })
    expect(samplesOf(cut).map(({ state }) => state)).toEqual(['done', 'failed', 'stopped', 'stopped'])
    expect(taskOf(cut, 'sample', 1).why).toContain('ended without a result')
    expect(taskOf(cut, 'sample-join', 0).state).toBe('waiting')
    expect((await images('parts')).length).toBeGreaterThan(EACH)
    const again = digit<Submitted>('jobs', 'resume', id, '--json')
    expect(again.tasks.map(({ phase, tasks }) => [phase, tasks])).toEqual([
      ['sample', [1, 2, 3]],
      ['sample-join', [0]],
    ])
    await until(folder, ({ state }) => state === 'done')
    expect(await images('parts')).toHaveLength(4 * EACH)
    expect(await digests('parts')).toEqual(await digests('whole'))
    // An archive of each shard, and no files.
    expect(readdirSync(join(at('parts'), 'images'))).toHaveLength(4)
    // Submitting the same again has nothing to do.
    expect(digit<Submitted>('jobs', 'resume', id, '--json').tasks).toEqual([])
  })

  it('shows why a task failed with the line of its log, and keeps what is finished', async () => {
    cpSync(TINY, at('models'), { recursive: true })
    const command = ['sample', '--model', at('models'), ...QUICK, '--count', '4', '--out', at('failing')]
    const held = submit(['--shards', '2', '--sbatch=--hold'], ...command)
    const { id } = held.submission
    renameSync(at('models'), at('elsewhere'))
    slurm('scontrol', 'release', String(held.tasks[0]!.job))
    const failed = await until(held.folder, (view) =>
      samplesOf(view).every(({ state }) => state === 'failed'),
    )
    expect(failed.state).toBe('failed')
    expect(taskOf(failed, 'sample', 0).why).toContain(at('models'))
    const { lines } = digit<{ lines: string[] }>('jobs', 'log', id, 'sample', '0', '--json')
    expect(lines.at(-1)).toMatch(new RegExp(`^digit: .*${at('models')}`))
    const listed = digit<{ submissions: SubmissionView[] }>('jobs', '--json')
    expect(listed.submissions.find((one) => one.id === id)?.state).toBe('failed')
    renameSync(at('elsewhere'), at('models'))
    // The scripts hold what they submit.
    const { tasks } = digit<Submitted>('jobs', 'resume', id, '--json')
    for (const { job } of tasks) slurm('scontrol', 'release', String(job))
    await until(held.folder, ({ state }) => state === 'done')
    expect(await images('failing')).toHaveLength(4)
  })

  it('trains K-Means, and samples and measures a sweep, to the centroids and the table of one process', async () => {
    const kmeans = ['kmeans', demoClassFolder(0), demoClassFolder(1), '-k', '16', '--iterations', '1']
    const sweep = [
      ...['sweep', ...QUICK, '--count', '2', '--axis', 'temperature=0.7, 0.9, 1.2'],
      ...['--reference', demoClassFolder(0), '--protocol', 'dinov2'],
    ]
    const [clusters, points] = [
      submit(['--shards', '2'], ...kmeans, '--device', 'cpu', '--out', at('clusters-parts')),
      submit(['--shards', '2'], ...sweep, '--out', at('sweep-parts')),
    ]
    digit(...kmeans, '--device', 'cpu', '--out', at('clusters'), '--json')
    digit(...sweep, '--out', at('sweep'), '--json')
    for (const { folder } of [clusters, points]) await until(folder, ({ state }) => state === 'done')
    const codebook = (name: string) => readFileSync(join(at(name), 'km_16.npy'))
    expect(codebook('clusters-parts')).toEqual(codebook('clusters'))
    const table = (name: string) => readFileSync(join(at(name), 'sweep.csv'), 'utf8')
    expect(table('sweep-parts')).toBe(table('sweep'))
  })

  it('returns a task to the queue that is near its time limit, and cancels the rest on request', async () => {
    const command = [...SAMPLE, '--count', String(EACH), '--out', at('long')]
    const { submission, tasks, folder } = submit(['--shards', '1'], ...command)
    const { job } = tasks[0]!
    const pid = await frozen(folder, 'long', 0)
    slurm('scancel', '--batch', '--signal=USR2', `${job}_0`)
    process.kill(pid, 'SIGCONT')
    await until(folder, (view) => taskOf(view, 'sample', 0).state === 'queued')
    const report = JSON.parse(readFileSync(join(folder, 'sample-0000.json'), 'utf8')) as { state: string }
    expect(report.state).toBe('stopped')
    expect((await images('long')).length).toBeGreaterThan(0)
    digit('jobs', 'cancel', submission.id, '--json')
    for (let view; !isOver((view = await viewOf(folder))); await wait(200))
      expect(view.tasks.map(({ state }) => state)).not.toContain('done')
    expect((await viewOf(folder)).tasks.map(({ state }) => state)).toEqual(['stopped', 'waiting'])
  })
})

const samplesOf = ({ tasks }: SubmissionView) => tasks.filter(({ phase }) => phase === 'sample')

/** SLURM lets a requeued job wait for two minutes, from the moment when it has left its node. */
function startNow(view: SubmissionView, job: number): void {
  if (taskOf(view, 'sample', 0).state === 'queued')
    spawnSync('scontrol', ['update', `jobid=${job}_0`, 'starttime=now'])
}

/** Stops the process of a task once its first image is there, the one of its number. Returns the process. */
async function frozen(folder: string, out: string, task: number): Promise<number> {
  for (let polls = 1; !(await images(out)).includes(task); polls++) {
    // It cannot end without its first image unless it failed.
    if (polls % 100 === 0) await until(folder, (view) => isAlive(view, task))
    await wait(10)
  }
  const pid = pidOfTask(folder, task)
  if (pid === undefined) throw new Error(`task ${task} ended: ${JSON.stringify(await viewOf(folder))}`)
  process.kill(pid, 'SIGSTOP')
  return pid
}
const isAlive = (view: SubmissionView, task: number) =>
  ['queued', 'running'].includes(taskOf(view, 'sample', task).state)

/** Process number of a running task. */
function pidOfTask(folder: string, task: number): number | undefined {
  const isIt = (pid: string) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return words.includes(folder) && words.at(-2) === String(task)
    } catch {
      return false
    }
  }
  const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isIt(name))
  return found === undefined ? undefined : Number(found)
}
