// `digit jobs`: the submissions of the workspace and their tasks; cancels and resumes them.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Argument, Command } from 'commander'
import { workspaceFolder } from '../../engine/records/workspace.ts'
import {
  cancel,
  folderOf,
  phaseIn,
  readLog,
  resume,
  submissionIn,
  submissionsIn,
  viewSubmission,
} from '../../engine/slurm/index.ts'
import { countsText, type SubmissionView } from '../../shared/slurm/submission.ts'
import { UsageError } from '../outcome.ts'
import { tell } from '../result.ts'
import { table } from '../table.ts'
import { submittedText } from './submit.ts'

const ACTIONS = ['list', 'show', 'log', 'cancel', 'resume'] as const
type Action = (typeof ACTIONS)[number]

export function jobsCommand(): Command {
  return new Command('jobs')
    .description('List what was submitted to SLURM, show its tasks and their logs, cancel it, resume it.')
    .addArgument(new Argument('[action]', 'what to do').choices(ACTIONS).default('list'))
    .argument('[id]', 'id of a submission, or its folder')
    .argument('[phase]', 'log: the phase')
    .argument('[task]', 'log: the number of the task')
    .addHelpText('after', EXAMPLES)
    .action(jobs)
}

const EXAMPLES = `
Examples:
  digit jobs
  digit jobs show sample-1f0c9a22
  digit jobs log sample-1f0c9a22 sample 3
  digit jobs cancel sample-1f0c9a22
  digit jobs resume sample-1f0c9a22         submits what is missing`

async function jobs(action: Action, id?: string, phase?: string, task?: string): Promise<void> {
  if (action === 'list') return list()
  if (id === undefined) throw new UsageError(`digit jobs ${action}: id of a submission expected`)
  const isFolder = existsSync(join(id, 'submission.json'))
  const folder = isFolder ? resolve(id) : await folderOf(workspaceFolder(), id)
  if (action === 'show') return show(folder)
  if (action === 'log') return log(folder, phase, task)
  if (action === 'cancel') {
    await cancel(folder)
    return tell(`${id}: cancelled; finished work is kept, and digit jobs resume ${id} continues`, { folder })
  }
  const submitted = await resume(folder)
  tell(submittedText(submitted), { ...submitted })
}

async function list(): Promise<void> {
  const submissions = await submissionsIn(workspaceFolder())
  const rows = submissions.map(({ id, state, tasks, out, submitted }) => [
    id,
    state,
    countsText(tasks),
    submitted.slice(0, 16).replace('T', ' '),
    out,
  ])
  tell(
    rows.length === 0
      ? 'nothing was submitted from this workspace'
      : table(['id', 'state', 'tasks', 'submitted (UTC)', 'folder'], rows),
    { submissions },
  )
}

async function show(folder: string): Promise<void> {
  const view = await viewSubmission(folder, await submissionIn(folder))
  if (view.problem !== undefined) console.error(view.problem)
  tell(viewText(view), { ...view })
}

/** Phases that are done or have not started take one line each. */
function viewText({ id, state, out, tasks }: SubmissionView): string {
  const phases = [...new Set(tasks.map(({ phase }) => phase))]
  const rows = phases.flatMap((phase) => {
    const own = tasks.filter((task) => task.phase === phase)
    const isOpen = own.some(({ state }) => state !== 'done' && state !== 'waiting')
    if (!isOpen) return [[phase, '', countsText(own), '', '', '']]
    return own.map(({ task, state, job = '', node = '', why, note, step, of }) => [
      phase,
      String(task),
      state,
      job,
      node,
      why ?? (note === undefined ? '' : `${Math.floor(step!)}/${of}, ${note}`),
    ])
  })
  return `${id}: ${state}, ${out}\n${table(['phase', 'task', 'state', 'job', 'node', 'progress'], rows)}`
}

async function log(folder: string, phase = '', task = '0'): Promise<void> {
  const number = Number(task)
  if (!Number.isInteger(number) || number < 0) throw new UsageError(`task '${task}': not a number from 0 on`)
  phaseIn(await submissionIn(folder), phase, number)
  const lines = await readLog(folder, phase, number)
  tell(lines.length === 0 ? 'the log is empty' : lines.join('\n'), { lines })
}
