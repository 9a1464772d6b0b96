// Specifications -> the phases of their work: arrays of tasks, each of which starts when the one before it is done.
import { RequestError } from '../../shared/errors.ts'
import type { KMeansSpec, RunSpec } from '../../shared/run/run.ts'
import type { PartName, Phase } from '../../shared/slurm/submission.ts'
import { passesOf } from '../runs/shards/kmeans-shards.ts'
import { isOfFeatures } from '../runs/kmeans/kmeans.ts'

/** A phase of one specification: its part, and whether it is divided or one task. */
type Row = readonly [part: PartName, divided: boolean]

const PHASES: Partial<Record<RunSpec['kind'], (spec: never) => readonly Row[]>> = {
  sample: () => [['sample', true], ONE],
  reconstruct: () => [['reconstruct', true], ONE],
  tokenize: () => [['tokenize', true], ONE],
  evaluate: () => [['features', true], ONE],
  kmeans: (spec: KMeansSpec) => [
    ...(isOfFeatures(spec.images) ? [] : [['encode', true] as const]),
    ['reduce', false],
    ...Array.from({ length: passesOf(spec) }, () => [['assign', true] as const, REDUCE]).flat(),
  ],
  sweep: ({ measure }: { readonly measure?: object }) => [
    ['cells', true],
    ['cell-index', true],
    ...(measure ? [['cell-features', true] as const] : []),
    ONE,
  ],
  // One process has all that these need.
  'import-tokens': () => [ONE],
  atlas: () => [ONE],
}
const ONE: Row = ['join', false]
const REDUCE: Row = ['reduce', false]

/** Kinds of runs that can be submitted alone. */
export const SUBMITTED_KINDS = ['sample', 'reconstruct', 'tokenize', 'evaluate', 'kmeans', 'sweep'] as const

/** Throws RequestError for a kind of run that is not divided. */
export function phasesOf(specs: readonly RunSpec[], shards: number): Phase[] {
  const names = new Map<string, number>()
  const unique = (name: string) => {
    const count = (names.get(name) ?? 0) + 1
    names.set(name, count)
    return count === 1 ? name : `${name}-${count}`
  }
  return specs.flatMap((spec, i) => {
    const rows = PHASES[spec.kind]
    if (!rows)
      throw new RequestError(`${spec.kind}: cannot be submitted (expected ${SUBMITTED_KINDS.join(', ')})`)
    return rows(spec as never).map(([part, divided]) => ({
      name: unique(part === 'join' ? `${spec.kind}-join` : part),
      part,
      spec: i,
      tasks: divided ? tasksOf(spec, shards) : 1,
    }))
  })
}

/** A shard without a single image would be a task for nothing. */
const tasksOf = (spec: RunSpec, shards: number) =>
  spec.kind === 'sample' ? Math.min(shards, spec.count) : shards
