// A run -> its title and the names of its classes: those that it was made with, not those of the models that happen to
// be open.
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import { runTitle } from '../../../shared/run/run-title.ts'
import { classOf, generators } from '../models/generators.ts'
import { className, fileOf } from '../models/models-in-use.ts'
import { runOf } from '../sample/runs.ts'

/** Names of classes in a run: stored with it, or of its model where that is open; else their numbers. */
export function classNameIn(run: WorkspaceRun | string | undefined): (index: number | undefined) => string {
  const found = typeof run === 'string' ? runOf(run) : run
  const open = fileOf('stage1Class')?.sha256
  // Before it starts, a run has no models yet: it will have the ones that are open.
  const isOfOpen = !found?.models || found.models.some(({ sha256 }) => sha256 === open)
  const drawn = generators.value.find(({ file }) => file.id === found?.request?.generator?.file)
  return (index) => {
    if (index === undefined) return ''
    if (found?.request?.generator)
      return found.classNames?.[index] ?? (drawn ? classOf(drawn, index) : `class ${index}`)
    return found?.classNames?.[index] ?? (isOfOpen ? className(index) : `class ${index}`)
  }
}

/** The title from its settings, whatever someone calls it. */
export const runTitleOf = (run: WorkspaceRun): string => runTitle(run, classNameIn(run))

export const runName = (run: WorkspaceRun): string => run.name ?? runTitleOf(run)

/** Whether every word is in the run's name, its title, its id, its pictures or its models. */
export function isNamed(run: WorkspaceRun, text: string): boolean {
  const { id, pictures = [], models = [] } = run
  const all = [
    runName(run),
    runTitleOf(run),
    id,
    ...pictures,
    ...models.flatMap(({ name, sha256 }) => [name, sha256]),
  ]
  const known = all.join('\n').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => known.includes(word))
}
