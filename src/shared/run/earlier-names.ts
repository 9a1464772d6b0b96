// Names of version 0.1 in records and on the command line -> present names. Everything read from disk is converted here
// once, so that the rest of the program knows only the present names.

/** Fields of a run's specification and of a recipe. */
const FIELDS: Readonly<Record<string, string>> = {
  sampling1: 'stage1Sampling',
  sampling2: 'stage2Sampling',
  given: 'pinned',
}

/** Axes of a sweep. */
const AXES: Readonly<Record<string, string>> = {
  checkpoint2: 'stage2-checkpoint',
  temperature2: 'stage2-temperature',
  topk2: 'stage2-topk',
  topp2: 'stage2-topp',
}

/** The present name of an axis. */
export const presentAxis = (name: string): string => (Object.hasOwn(AXES, name) ? AXES[name]! : name)

/** The present name of a flag: `--temperature2` is `--stage2-temperature`, `--given` is `--pinned`. */
export function presentFlag(flag: string): string {
  const name = flag.slice(2)
  return flag.startsWith('--') ? `--${name === 'given' ? 'pinned' : presentAxis(name)}` : flag
}

/**
 * The fields with the names of 0.1, in their order. Folder names contain digests of these, and a command must find the
 * folder that it started.
 */
export const earlierNames = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      Object.keys(FIELDS).find((earlier) => FIELDS[earlier] === name) ?? name,
      value as unknown,
    ]),
  )

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A run specification, or any record that contains one; other fields are unchanged. */
export function presentNames(value: unknown): unknown {
  if (!isObject(value)) return value
  const renamed = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [Object.hasOwn(FIELDS, name) ? FIELDS[name]! : name, inner]),
  )
  const { kind, tokens, base, recipe, spec, axes, cells } = renamed
  return {
    ...renamed,
    // Codes were called `vq` only in `decode`.
    ...(kind === 'decode' && tokens === 'vq' ? { tokens: 'codes' } : {}),
    ...(isObject(base) ? { base: presentNames(base) } : {}),
    ...(isObject(recipe) ? { recipe: presentNames(recipe) } : {}),
    ...(isObject(spec) ? { spec: presentNames(spec) } : {}),
    ...(Array.isArray(axes) ? { axes: axes.map(presentAxisOf) } : {}),
    ...(Array.isArray(cells) ? { cells: cells.map(presentValues) } : {}),
  }
}

const presentAxisOf = (axis: unknown): unknown =>
  isObject(axis) && typeof axis.name === 'string' ? { ...axis, name: presentAxis(axis.name) } : axis

/** A cell of a sweep keeps its folder name, because the folder has the images. */
const presentValues = (cell: unknown): unknown =>
  isObject(cell) && isObject(cell.values)
    ? {
        ...cell,
        values: Object.fromEntries(
          Object.entries(cell.values).map(([name, value]) => [presentAxis(name), value]),
        ),
      }
    : cell
