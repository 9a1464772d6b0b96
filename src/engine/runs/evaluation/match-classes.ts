// The classes of samples and of a reference -> one number for each class of both, and what these numbers are. Folders
// have names, batches and runs have numbers; ImageFolder counts folders in the order of their names.
import { FormatError, RequestError } from '../../../shared/errors.ts'

/** The class of each image of a set. */
export interface ClassesOfSet {
  readonly path: string
  /** A class number, or with `classNames` the place of its folder among them. */
  readonly classes: readonly number[]
  /** Names of the folders in ImageFolder's order; undefined for numbers of a batch or of a run. */
  readonly classNames: readonly string[] | undefined
}

export interface MatchedClasses {
  /** Equal numbers are the same class. */
  readonly samples: readonly number[]
  /** Undefined if the reference has no classes; -1 for a class that the samples do not have. */
  readonly reference?: readonly number[]
  /** By number, for classes of named folders. */
  readonly names: ReadonlyMap<number, string>
  /** What equal numbers mean, for the record. */
  readonly by: string
}

export const BY = {
  name: 'by folder name',
  number: 'by class number',
  order: 'by class number, folders counted in the order of their names (ImageFolder)',
} as const

/** Names shown in an error. */
const SHOWN = 3

/**
 * Two sets of named folders are matched by name. If one set has numbers, folders named by numbers have these, and other
 * folders are counted. Throws RequestError if no class or a wrong class would be matched, FormatError if two folders
 * have the same number.
 */
export function matchClasses(samples: ClassesOfSet, reference?: ClassesOfSet): MatchedClasses {
  const sets = reference ? [samples, reference] : [samples]
  const given = (
    number: (set: ClassesOfSet) => readonly number[],
    by: string,
    named: ClassesOfSet | undefined,
  ) => ({
    samples: number(samples),
    ...(reference ? { reference: number(reference) } : {}),
    names: new Map(named?.classNames?.entries()),
    by,
  })
  if (sets.every((set) => set.classNames === undefined || areNumbers(set.classNames)))
    return given(numbersOf, BY.number, undefined)
  const names = samples.classNames
  if (names && (!reference || reference.classNames)) {
    if (reference) refuseWithoutCommon(samples.path, names, reference.path, reference.classNames!)
    const places = new Map(names.map((name, place) => [name, place]))
    const placesOf = (set: ClassesOfSet) =>
      set.classes.map((label) => places.get(set.classNames![label]!) ?? -1)
    return given(placesOf, BY.name, samples)
  }
  const [folders, numbered] = names ? [samples, reference!] : [reference!, samples]
  const most = numbered.classes.reduce((a, b) => Math.max(a, b), 0)
  const count = folders.classNames!.length
  const [number, word] = [
    folders.classNames!.find(isNumber),
    folders.classNames!.find((name) => !isNumber(name)),
  ]
  if (number !== undefined)
    throw new RequestError(
      `${folders.path}: cannot be matched with the class numbers of ${numbered.path} (found folders ${number} and ${word!}, expected all or none named by class number)`,
    )
  if (most >= count)
    throw new RequestError(
      `${numbered.path}: class ${most} has no folder in ${folders.path} (found ${count} folders, expected at least ${most + 1}, or folders named by class number)`,
    )
  return given(({ classes }) => classes, BY.order, folders)
}

const isNumber = (name: string) => /^\d{1,15}$/.test(name)
const areNumbers = (names: readonly string[]) => names.every(isNumber)

/** Of a batch or a run, or the names of folders. */
function numbersOf({ path, classes, classNames }: ClassesOfSet): readonly number[] {
  if (!classNames) return classes
  const numbers = classNames.map(Number)
  const twice = numbers.findIndex((number, i) => numbers.indexOf(number) < i)
  if (twice >= 0)
    throw new FormatError(
      path,
      `two folders have the same class number (found ${classNames[numbers.indexOf(numbers[twice]!)]} and ${classNames[twice]})`,
    )
  return classes.map((label) => numbers[label]!)
}

function refuseWithoutCommon(
  path: string,
  names: readonly string[],
  otherPath: string,
  others: readonly string[],
): void {
  const there = new Set(others)
  if (names.some((name) => there.has(name))) return
  const words = (list: readonly string[]) =>
    list.slice(0, SHOWN).join(', ') + (list.length > SHOWN ? ', ...' : '')
  throw new RequestError(
    `${path} and ${otherPath}: no class folder in common (found ${words(names)} and ${words(others)})`,
  )
}
