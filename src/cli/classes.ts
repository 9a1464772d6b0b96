// `0-8`, `207`, `golden retriever` -> class ids.
import type { ModelFile, ModelSet } from '../shared/models/models.ts'
import { UsageError } from './outcome.ts'

/** Suggestions shown for an ambiguous name. */
const MAX_OFFERED = 5

/**
 * Class ids in the order given; each value may be a comma-separated list. `file` is the model that draws them.
 * @default the class-conditional stage 1
 */
export function parseClasses(
  values: readonly string[],
  modelSet: Pick<ModelSet, 'classNames' | 'files' | 'set'>,
  file?: ModelFile,
): number[] {
  const { classNames } = modelSet
  const known = classCount(modelSet, file)
  return values
    .flatMap((value) => value.split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap((part) => {
      const range = /^(\d+)(?:-(\d+))?$/.exec(part)
      if (!range) return [classByName(part, classNames)]
      const first = Number(range[1])
      const last = Number(range[2] ?? range[1])
      if (last < first)
        throw new UsageError(`--class ${part}: range is reversed (found ${part}, expected ${last}-${first})`)
      if (last >= known)
        throw new UsageError(
          `--class ${part}: class out of range (this model has ${known} classes, 0 to ${known - 1})`,
        )
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
}

/** The number of class names is the number of trained classes; a checkpoint always has room for 1000. */
function classCount(
  { classNames, files, set }: Pick<ModelSet, 'classNames' | 'files' | 'set'>,
  file?: ModelFile,
): number {
  const model = file ?? files.find(({ id }) => id === set.stage1Class)
  if (!model) throw new UsageError('--class: no class-conditional stage 1 among the models')
  const rows = Number(model.facts.classes ?? Infinity)
  return classNames.length > 0 ? Math.min(rows, classNames.length) : rows
}

/**
 * The class with this name, ignoring case, otherwise the only one whose name contains it. Two classes may have the same
 * name.
 */
function classByName(asked: string, names: readonly string[]): number {
  const wanted = asked.toLowerCase()
  const ids = [...names.keys()]
  const whole = ids.filter((id) => names[id]!.toLowerCase() === wanted)
  const found = whole.length > 0 ? whole : ids.filter((id) => names[id]!.toLowerCase().includes(wanted))
  if (found.length === 1) return found[0]!
  const offered = found.slice(0, MAX_OFFERED).map((id) => `${id} ${names[id]}`)
  throw new UsageError(
    found.length === 0
      ? `--class ${asked}: no such class${names.length > 0 && names.length <= 20 ? ` (classes: ${names.join(', ')})` : ''}`
      : `--class ${asked}: ambiguous name, matches ${found.length} classes (${offered.join(', ')}${found.length > MAX_OFFERED ? ', ...' : ''}); use the number`,
  )
}
