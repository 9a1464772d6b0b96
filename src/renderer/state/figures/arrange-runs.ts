// Runs of several generators -> a grid with one run per row and the same classes as columns.
import { FAMILIES, settingWords } from '../../../shared/generators/families.ts'
import type { WorkspaceRun } from '../../../shared/run/listed-run.ts'
import type { Arrangement, Listed } from './arrange.ts'

/** A run, and its images as listed. */
export interface ListedRun {
  readonly run: WorkspaceRun
  readonly listed: readonly Listed[]
}

/** `RAR`, `DiGIT`. */
export function drawnBy({ request }: Pick<WorkspaceRun, 'request'>): string {
  return request?.generator ? FAMILIES[request.generator.family].title : 'DiGIT'
}

/** What tells it from another run of the same generator. */
const settingsWords = ({ request }: WorkspaceRun): string =>
  request?.generator
    ? settingWords(request.generator.family, request.generator.settings).join(', ')
    : request
      ? request.stage2.toUpperCase()
      : ''

/** The rows' labels: what drew each, with its settings where the same drew several. */
function labelsOf(runs: readonly WorkspaceRun[]): string[] {
  const names = runs.map(drawnBy)
  return runs.map((run, i) => {
    const isAlone = names.filter((name) => name === names[i]).length === 1
    return isAlone ? names[i]! : [names[i], settingsWords(run)].filter(Boolean).join(', ')
  })
}

/**
 * The first images of each class that all runs have, `each` of a class; runs without classes, by the same numbers.
 * Undefined if no class has so many images in every run.
 */
export function runRows(
  all: readonly ListedRun[],
  each: number,
  name: (label: number) => string,
): Arrangement | undefined {
  if (all.length === 0 || each < 1) return undefined
  const isPlain = all.every(({ listed }) => listed.every((entry) => entry.class === undefined))
  const imagesOf = ({ listed }: ListedRun, label: number | undefined) =>
    listed.flatMap(({ image, class: own }) => (own === label ? [image] : [])).slice(0, each)
  const labels = isPlain
    ? [undefined]
    : [...new Set(all[0]!.listed.flatMap((entry) => entry.class ?? []))].sort((a, b) => a - b)
  const common = labels.filter((label) => all.every((one) => imagesOf(one, label).length === each))
  if (common.length === 0) return undefined
  return {
    images: all.flatMap((one) =>
      common.flatMap((label) => imagesOf(one, label).map((image) => ({ run: one.run.id, image }))),
    ),
    columns: common.length * each,
    rowLabels: labelsOf(all.map(({ run }) => run)),
    ...(isPlain
      ? {}
      : { columnLabels: common.flatMap((label) => Array.from({ length: each }, () => name(label!))) }),
    rule: isPlain
      ? `the first ${each === 1 ? 'image' : `${each} images`} of each run`
      : `the first ${each === 1 ? 'image' : `${each} images`} of each class in each run`,
    uncurated: true,
  }
}
