// `0-8`, `207`, `golden retriever` -> class ids.
import type { ModelSet } from '../shared/models/models.ts'
import { UsageError } from './outcome.ts'

/** Names offered when one is not known. */
const MAX_OFFERED = 5

/** Ids in the order asked for; each value may hold several, separated by commas. */
export function parseClasses(values: readonly string[], library: ModelSet): number[] {
  const { classNames } = library
  const known = classCount(library)
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

/** Class names say how many were trained: a checkpoint always has room for 1000. */
function classCount({ classNames, files, set }: ModelSet): number {
  const model = files.find(({ id }) => id === set.stage1Class)
  if (!model) throw new UsageError('--class: no class-conditional stage 1 among the models')
  const rows = Number(model.facts.classes)
  return classNames.length > 0 ? Math.min(rows, classNames.length) : rows
}

/** The whole name in any case, else the only name that has it as a part. */
function classByName(asked: string, names: readonly string[]): number {
  const wanted = asked.toLowerCase()
  const whole = names.findIndex((name) => name.toLowerCase() === wanted)
  if (whole >= 0) return whole
  const partly = [...names.keys()].filter((id) => names[id]!.toLowerCase().includes(wanted))
  if (partly.length === 1) return partly[0]!
  const offered = partly.slice(0, MAX_OFFERED).map((id) => `${id} ${names[id]}`)
  throw new UsageError(
    partly.length === 0
      ? `--class ${asked}: no such class${names.length > 0 && names.length <= 20 ? ` (classes: ${names.join(', ')})` : ''}`
      : `--class ${asked}: ambiguous name, matches ${partly.length} classes (${offered.join(', ')}${partly.length > MAX_OFFERED ? ', ...' : ''})`,
  )
}
