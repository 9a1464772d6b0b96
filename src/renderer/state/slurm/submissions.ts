// What was submitted to SLURM from this workspace, by task; read again while someone watches.
import { shallowRef, watch } from 'vue'
import type { PageSubmission } from '../../../shared/slurm/slurm.ts'
import { calls } from '../app/calls.ts'
import { attempt, attemptAgain } from '../app/problems.ts'

const LOOK_MS = 3000

/** Whether the dialog is open. */
export const submissionsShown = shallowRef(false)
/** Undefined until they are known. */
export const submissions = shallowRef<readonly PageSubmission[]>()
/** The log on screen. */
export const log = shallowRef<{
  readonly submission: string
  readonly phase: string
  readonly task: number
  /** Undefined while it is read. */
  readonly lines: readonly string[] | undefined
}>()

export async function refetchSubmissions(): Promise<void> {
  const found = await attemptAgain('Could not list the jobs in SLURM', () => calls().listSubmissions())
  if (found) submissions.value = Object.freeze(found)
}

watch(submissionsShown, (shown) => {
  log.value = undefined
  if (shown) void follow()
})

async function follow(): Promise<void> {
  while (submissionsShown.value) {
    await refetchSubmissions()
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

export async function showLog(submission: string, phase: string, task: number): Promise<void> {
  const asked = { submission, phase, task, lines: undefined }
  log.value = asked
  const lines = await attempt('Could not read the log', () => calls().readTaskLog(submission, phase, task))
  if (log.value === asked) log.value = { ...asked, lines: lines ?? [] }
}

export async function resubmit(id: string): Promise<void> {
  await attempt('Could not submit', () => calls().resubmit(id))
  await refetchSubmissions()
}

export async function cancelSubmission(id: string): Promise<void> {
  await attempt('Could not cancel', () => calls().cancelSubmission(id))
  await refetchSubmissions()
}
