// Work that SLURM runs: how it is placed, and its state by task.
import * as z from 'zod'
import { RunSpecSchema, type RunSpec } from '../run/run.ts'

const line = z
  .string()
  .max(500)
  .regex(/^[^\n\r\0]*$/, 'one line expected')

/** Where and how the tasks run: options of sbatch(1). */
export const PlacementSchema = z.object({
  /** Tasks that the work is divided into; SLURM runs as many at once as the site allows. */
  shards: z.number().int().min(1).max(10_000),
  /** Tasks that run at once. @default no limit of our own */
  atOnce: z.number().int().min(1).max(10_000).optional(),
  partition: line.optional(),
  account: line.optional(),
  /** Time limit of a task in the form of sbatch: minutes, `H:MM:SS`, `D-HH`. */
  time: line.optional(),
  gpusPerTask: z.number().int().min(0).max(64).optional(),
  cpusPerTask: z.number().int().min(1).max(1024).optional(),
  /** Further options: `--mem=32G`. */
  options: z
    .array(line.regex(/^--[a-z][a-z-]*(=.*)?$/, 'an option of sbatch expected: --NAME=VALUE'))
    .max(100)
    .optional(),
  /** Lines of the site between the options and the command: further #SBATCH lines, modules to load. */
  template: z.string().max(20_000).optional(),
  /** Machine whose sbatch is used, by ssh; it sees the same files under the same paths. @default this one */
  host: z
    .string()
    .regex(/^[A-Za-z0-9][\w.@-]{0,250}$/, 'not the name of a machine')
    .optional(),
})
export type Placement = z.infer<typeof PlacementSchema>
/** What a page may say: nothing that would run other commands, or on other machines. */
export const PagePlacementSchema = PlacementSchema.omit({ options: true, template: true, host: true })
export type PagePlacement = z.infer<typeof PagePlacementSchema>
/** In SLURM, or null on this machine. Absent: where the same work was started before, else on this machine. */
export const WhereSchema = PagePlacementSchema.nullable()
export type Where = PagePlacement | null

/** What a task of a phase does: a row of the table in `src/engine/slurm/tasks.ts`. */
export const PART_NAMES = [
  'sample',
  'reconstruct',
  'tokenize',
  'encode',
  'assign',
  'reduce',
  'cells',
  'cell-index',
  'cell-features',
  'features',
  'join',
] as const
export type PartName = (typeof PART_NAMES)[number]

/** Tasks that may run at the same time; each phase starts when the one before it is done. */
export const PhaseSchema = z.object({
  /** Unique in the submission. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  part: z.enum(PART_NAMES),
  /** Index of the specification in the submission. */
  spec: z.number().int().min(0),
  tasks: z.number().int().min(1),
})
export type Phase = z.infer<typeof PhaseSchema>

export const SubmissionIdSchema = z.string().regex(/^[a-z0-9][\w.-]{0,127}$/, 'not the id of a submission')

/** `submission.json`: what was submitted. */
export const SubmissionSchema = z.object({
  schema: z.literal(1),
  app: z.string(),
  id: SubmissionIdSchema,
  /** Done one after another. */
  specs: z.array(RunSpecSchema).min(1),
  placement: PlacementSchema,
  phases: z.array(PhaseSchema).min(1),
  submitted: z.string(),
  /** The jobs of SLURM so far, in the order of submission: an array for some tasks of a phase. */
  jobs: z.array(
    z.object({ phase: z.string(), job: z.number().int(), tasks: z.array(z.number().int().min(0)) }),
  ),
})
export type Submission = z.infer<typeof SubmissionSchema>

/** `PHASE-TASK.json`: what a task reports. */
export const TaskReportSchema = z.object({
  state: z.enum(['running', 'done', 'stopped', 'failed']),
  /** Machine and device. */
  node: z.string(),
  step: z.number(),
  of: z.number(),
  note: z.string(),
  started: z.string(),
  updated: z.string(),
  problem: z.string().optional(),
  /** What the last task of a specification made. */
  result: z
    .object({ finished: z.number(), summary: z.string(), measured: z.string().exactOptional() })
    .exactOptional(),
})
export type TaskReport = z.infer<typeof TaskReportSchema>

/**
 * waiting: for the phases before. queued, running: in the queue of SLURM. stopped: cancelled, or never submitted.
 * failed: ended without a result.
 */
export type TaskState = 'waiting' | 'queued' | 'running' | 'done' | 'stopped' | 'failed'

export interface TaskView {
  readonly phase: string
  readonly task: number
  readonly state: TaskState
  /** The job of SLURM, `123_4`. */
  readonly job?: string
  readonly node?: string
  /** Why it is queued, in the words of squeue(1), or why it failed. */
  readonly why?: string
  /** Finished and total work of this task, and what it does now. */
  readonly step?: number
  readonly of?: number
  readonly note?: string
}

export interface SubmissionView {
  readonly id: string
  readonly kind: RunSpec['kind']
  /** Folder of the result. */
  readonly out: string
  /** Folder of the submission: scripts, logs, reports. */
  readonly folder: string
  readonly submitted: string
  readonly state: Exclude<TaskState, 'waiting'>
  readonly tasks: readonly TaskView[]
  /** Why the queue could not be read; then the states are those of the last reports. */
  readonly problem?: string
}

/** Number of tasks in each state. */
export function taskCounts(tasks: readonly TaskView[]): Readonly<Record<TaskState, number>> {
  const counts = { waiting: 0, queued: 0, running: 0, done: 0, stopped: 0, failed: 0 }
  for (const { state } of tasks) counts[state]++
  return counts
}

/** `12 done, 2 running, 1 failed` */
export const countsText = (tasks: readonly TaskView[]): string =>
  Object.entries(taskCounts(tasks))
    .filter(([, count]) => count > 0)
    .reverse()
    .map(([state, count]) => `${count} ${state}`)
    .join(', ')
