// A phase of a submission -> its batch script, as sbatch reads it and a person can.
import { join } from 'node:path'
import type { Phase, Submission } from '../../shared/slurm/submission.ts'

export interface ScriptOptions {
  readonly submission: Submission
  readonly phase: Phase
  /** Folder of the submission. */
  readonly folder: string
  /** How this program is started: `node`, the file of the command. */
  readonly command: readonly string[]
  /** Settings of this program that the tasks get. */
  readonly environment: Readonly<Record<string, string>>
}

/** Seconds before the time limit at which a task is signalled, to finish its batch and return to the queue. */
const GRACE_SECONDS = 120

/**
 * The signal before the time limit is USR2, because TERM also comes from scancel and must not return the task to the queue.
 * `exec` makes the program the process that SLURM signals.
 */
export function batchScript({ submission, phase, folder, command, environment }: ScriptOptions): string {
  const { id, placement } = submission
  const { partition, account, time, gpusPerTask, cpusPerTask, options = [], template } = placement
  const lines = [
    option('job-name', `${id}-${phase.name}`),
    option('array', arrayText(everyTask(phase), placement.atOnce)),
    option('output', `${join(folder, phase.name)}-%4a.log`.replace(/%(?!4a\.log$)/g, '%%')),
    '#SBATCH --open-mode=append',
    '#SBATCH --requeue',
    `#SBATCH --signal=B:USR2@${GRACE_SECONDS}`,
    ...(partition ? [option('partition', partition)] : []),
    ...(account ? [option('account', account)] : []),
    ...(time ? [option('time', time)] : []),
    ...(cpusPerTask ? [option('cpus-per-task', String(cpusPerTask))] : []),
    // Also where shards are joined: the device is part of what made an image.
    ...(gpusPerTask ? [option('gpus-per-task', String(gpusPerTask)), '#SBATCH --ntasks=1'] : []),
    ...options.map((words) => `#SBATCH ${words}`),
  ]
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`)
  const words = [...command, 'task', folder, phase.name].map(quoted).join(' ')
  return [
    '#!/bin/bash',
    ...lines,
    ...(template ? [template.replace(/^#!.*\n/, '').trimEnd()] : []),
    ...exports,
    `exec ${words} "$SLURM_ARRAY_TASK_ID"`,
    '',
  ].join('\n')
}

const option = (name: string, value: string) =>
  `#SBATCH --${name}=${/^[\w./%,:@+-]+$/.test(value) ? value : `"${value}"`}`

export const everyTask = ({ tasks }: Phase): number[] => Array.from({ length: tasks }, (_, task) => task)

/** Ascending task numbers as sbatch reads them: `0-3,7%2` runs two at once. */
export function arrayText(tasks: readonly number[], atOnce?: number): string {
  const ranges: [number, number][] = []
  for (const task of tasks) {
    const last = ranges.at(-1)
    if (last && task === last[1] + 1) last[1] = task
    else ranges.push([task, task])
  }
  const text = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
  return atOnce === undefined || tasks.length <= 1 ? text : `${text}%${atOnce}`
}

/** One word of a shell's command line. */
export const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
