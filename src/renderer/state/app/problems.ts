// Problems that the user should read: they stay until dismissed.
import { shallowRef } from 'vue'

export interface Problem {
  readonly id: number
  readonly title: string
  readonly text: string
}

export const problems = shallowRef<readonly Problem[]>([])
let last = 0

/** Shows a problem; one already on screen is not shown twice. */
export function report(title: string, thrown: unknown): void {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  if (problems.value.some((problem) => problem.title === title && problem.text === text)) return
  problems.value = [...problems.value, { id: ++last, title, text }]
}

/** Dismisses a problem. */
export function dismiss(id: number): void {
  problems.value = problems.value.filter((problem) => problem.id !== id)
}

/** Like `attempt`, for requests that are repeated automatically on reconnect: a lost connection is not reported. */
export async function attemptAgain<T>(title: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!isLost(error)) report(title, error)
    return undefined
  }
}

export const isLost = (thrown: unknown) => thrown instanceof Error && thrown.name === 'ConnectionLost'

/** Runs an action that may fail; a failure is shown and returns undefined. */
export async function attempt<T>(title: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    report(title, error)
    return undefined
  }
}
