// Runs and their images -> images in rows and columns with labels, and the selection rule as text.
import type { ImageName } from '../../../shared/contract/api.ts'
import { FAMILIES } from '../../../shared/generators/families.ts'
import { settingText, SETTINGS, type SettingName } from '../../../shared/generators/settings.ts'
import type { SampleRequest } from '../../../shared/run/run.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { ImageRef } from '../../../shared/figures/image-ref.ts'
import { shortHash } from '../../../shared/models/model-hash.ts'
import type { SweepPoint } from '../../../shared/sweep/sweeps.ts'

export interface Arrangement {
  readonly images: readonly ImageRef[]
  readonly columns?: number
  readonly rowLabels?: readonly string[]
  readonly columnLabels?: readonly string[]
  /** The selection rule, for the caption. */
  readonly rule: string
  /** The rule alone chose the images. */
  readonly uncurated: boolean
}

/** An image of a run and its class, as listed. */
export interface Listed {
  readonly image: number
  readonly class?: number
}

const refs = (run: string, images: readonly number[]): ImageRef[] => images.map((image) => ({ run, image }))

export const chosenByHand = (images: readonly ImageName[], what = 'chosen by hand'): Arrangement => ({
  images: images.map(({ run, image }) => ({ run, image })),
  rule: what,
  uncurated: false,
})

/** `count` images from `first` on. */
export function inOrder(run: string, listed: readonly Listed[], first: number, count: number): Arrangement {
  const taken = listed.slice(first, first + count).map(({ image }) => image)
  const all = taken.length === 1 ? 'image' : `${taken.length} images`
  const rule =
    first === 0 ? `the first ${all} of the run` : `images ${taken[0]} to ${taken.at(-1)} of the run`
  return { images: refs(run, taken), rule, uncurated: true }
}

/** Without replacement, in the run's order; the same seed gives the same images. */
export function atRandom(run: string, listed: readonly Listed[], count: number, seed: number): Arrangement {
  const next = mulberry32(seed)
  const drawn = listed
    .map(({ image }) => ({ image, key: next() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ image }) => image)
    .sort((a, b) => a - b)
  return {
    images: refs(run, drawn),
    rule: `${drawn.length} of the run's ${listed.length} images at random (seed ${seed})`,
    uncurated: true,
  }
}

/** Mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c: the generator behind the rule's seed. */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Classes as rows, the first images of each as columns; classes with fewer images are omitted. */
export function classRows(
  run: string,
  listed: readonly Listed[],
  each: number,
  name: (label: number) => string,
): Arrangement {
  const byClass = new Map<number, number[]>()
  for (const { image, class: label } of listed)
    if (label !== undefined) byClass.set(label, [...(byClass.get(label) ?? []), image])
  const rows = [...byClass].filter(([, images]) => images.length >= each).sort(([a], [b]) => a - b)
  return {
    images: rows.flatMap(([, images]) => refs(run, images.slice(0, each))),
    columns: each,
    rowLabels: rows.map(([label]) => name(label)),
    rule: `the first ${each === 1 ? 'image' : `${each} images`} of each class`,
    uncurated: true,
  }
}

/** Settings that differ among runs: name -> value in each run. */
export function differingSettings(runs: readonly WorkspaceRun[]): ReadonlyMap<string, readonly string[]> {
  const all = runs.map(settingsOf)
  const names = [...new Set(all.flatMap((settings) => Object.keys(settings)))]
  return new Map(
    names
      .map((name) => [name, all.map((settings) => settings[name] ?? '–')] as const)
      .filter(([, values]) => new Set(values).size > 1),
  )
}

function settingsOf({ request, reconstruct, models = [] }: WorkspaceRun): Readonly<Record<string, string>> {
  const asked = request ?? reconstruct
  if (!asked) return {}
  const { stage2Sampling, masked, stage2, seed, weightBits } = asked
  const one = request?.stage1Sampling
  const hashes = Object.fromEntries(models.map(({ role, sha256 }) => [role, shortHash(sha256, 8)]))
  if (request?.generator) {
    const { family, settings } = request.generator
    const rows = Object.entries(settings).map(([name, value]) => [
      SETTINGS[name as SettingName].words,
      settingText(name as SettingName, value),
    ])
    return {
      family: FAMILIES[family].title,
      ...classesIn(request),
      ...Object.fromEntries(rows),
      seed: String(seed),
      ...hashes,
    }
  }
  return {
    ...(request ? { family: 'DiGIT', ...classesIn(request) } : {}),
    ...(one
      ? {
          'top-k': String(one.topK || 'off'),
          'top-p': String(one.topP || 'off'),
          temperature: String(one.temperature),
        }
      : {}),
    'stage 2': stage2.toUpperCase(),
    'stage 2 top-k': String(stage2Sampling.topK || 'off'),
    'stage 2 top-p': String(stage2Sampling.topP || 'off'),
    'stage 2 temperature': String(stage2Sampling.temperature),
    ...(stage2 === 'nar'
      ? {
          steps: String(masked.steps),
          'choice temperature': String(masked.choiceTemperature),
          ...(masked.halton ? { order: 'Halton' } : {}),
        }
      : {}),
    seed: String(seed),
    'weight bits': String(weightBits),
    ...hashes,
  }
}

const classesIn = ({ classes }: SampleRequest): Readonly<Record<string, string>> =>
  classes.length === 1
    ? { class: String(classes[0]) }
    : { classes: classes.length === 0 ? 'none' : String(classes.length) }

/** One run per column, labeled by what differs; the same image numbers as rows. */
export function settingColumns(runs: readonly WorkspaceRun[], numbers: readonly number[]): Arrangement {
  const differing = differingSettings(runs)
  const labels = runs.map((_, i) =>
    [...differing]
      .map(([name, values]) => `${name} ${values[i]}`)
      .slice(0, 2)
      .join(', '),
  )
  const sorted = runs
    .map((run, i) => ({ run, label: labels[i]! }))
    .sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }))
  return {
    images: numbers.flatMap((image) => sorted.map(({ run }) => ({ run: run.id, image }))),
    columns: runs.length,
    columnLabels: sorted.map(({ label }) => label),
    rule: `the same image ${numbers.length === 1 ? 'number' : 'numbers'} of each run`,
    uncurated: true,
  }
}

/** Two settings as axes: one run per cell, the same image of each. Undefined if a cell has no run or several. */
export function settingAxes(
  runs: readonly WorkspaceRun[],
  across: string,
  down: string,
  image: number,
): Arrangement | undefined {
  const differing = differingSettings(runs)
  const [xs, ys] = [differing.get(across), differing.get(down)]
  if (!xs || !ys || across === down) return undefined
  const values = (of: readonly string[]) =>
    [...new Set(of)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const [columns, rows] = [values(xs), values(ys)]
  const cells = rows.flatMap((y) => columns.map((x) => runs.filter((_, i) => xs[i] === x && ys[i] === y)))
  if (cells.some((found) => found.length !== 1)) return undefined
  return {
    images: cells.map(([run]) => ({ run: run!.id, image })),
    columns: columns.length,
    columnLabels: columns.map((value) => `${across} ${value}`),
    rowLabels: rows.map((value) => `${down} ${value}`),
    rule: `image ${image} of each run`,
    uncurated: true,
  }
}

/**
 * Two axes of a sweep: columns and rows; without a second one, a single row. Other axes use their
 * first value. If a cell lacks the image, there is no arrangement: a grid has no holes.
 */
export function sweepGrid(
  points: readonly SweepPoint[],
  across: string,
  down: string | undefined,
  image: number,
): Arrangement | undefined {
  type Values = Readonly<Record<string, number | string | undefined>>
  const valuesOf = (axis: string) => [...new Set(points.map(({ values }) => (values as Values)[axis]))]
  const [columns, rows] = [valuesOf(across), down === undefined ? [undefined] : valuesOf(down)]
  const [first] = points
  if (!first || across === down) return undefined
  const others = Object.entries(first.values).filter(([axis]) => axis !== across && axis !== down)
  const cells = rows.flatMap((y) =>
    columns.map((x) =>
      points.find(({ values, images }) => {
        const all = values as Values
        const isHere = all[across] === x && (down === undefined || all[down] === y)
        return isHere && others.every(([axis, value]) => all[axis] === value) && images > image
      }),
    ),
  )
  if (cells.includes(undefined)) return undefined
  return {
    images: cells.map((point) => ({ run: point!.run, image })),
    columns: columns.length,
    columnLabels: columns.map((value) => `${across} ${value}`),
    ...(down === undefined ? {} : { rowLabels: rows.map((value) => `${down} ${value}`) }),
    rule: `image ${image} of each cell of the sweep`,
    uncurated: true,
  }
}
