// Open and closed models, opening and closing them, and file contents, read once.
import { shallowReactive, shallowRef } from 'vue'
import type { FileContents, ModelRole, OpenedModels } from '../../../shared/models/models.ts'
import { calls } from '../app/calls.ts'
import { attempt } from '../app/problems.ts'

export const opened = shallowRef<OpenedModels>({ sources: [], choice: {}, candidates: {} })
/** True while files are rescanned after a change made here. */
export const changing = shallowRef(false)

const contents = shallowReactive(new Map<string, FileContents | string>())

/** From the snapshot and from events. A file's id identifies its content, but a numeric suffix may move to another file. */
export function putOpened(now: OpenedModels): void {
  opened.value = Object.freeze(now)
  contents.clear()
}

async function change(problem: string, work: () => Promise<unknown>): Promise<void> {
  changing.value = true
  await attempt(problem, work)
  changing.value = false
}

export const reopen = () => change('Could not scan the models', () => calls().reopenModels())
export const undo = () => change('Could not undo the change', () => calls().undoOpening())
export const useSource = (id: string, open: boolean) =>
  change(open ? 'Could not open the models' : 'Could not close the models', () => calls().useSource(id, open))
export const removeSource = (id: string) =>
  change('Could not delete the copy', () => calls().removeSource(id))
export const choose = (role: ModelRole, file: string | null) =>
  change('Cannot use this file', () => calls().chooseModel(role, file))

/** The contents of a file, or a problem; undefined while loading. */
export function contentsOf(file: string): FileContents | string | undefined {
  return contents.get(file)
}

export async function readContents(file: string): Promise<void> {
  if (contents.has(file)) return
  const read = await calls()
    .readContents(file)
    .catch((error: Error) => error.message)
  contents.set(file, typeof read === 'string' ? read : Object.freeze(read))
}
