// Where a run or an image comes from, and what was made from it: from what the page knows of the workspace.
import {
  chainOf,
  madeBeside,
  madeFrom,
  treeOf,
  type LineageFacts,
  type LineageNode,
  type LineagePlace,
  type LineageRow,
  type RunFacts,
} from '../../../shared/run/lineage.ts'
import { stampName } from '../../../shared/evaluation/measurement-name.ts'
import type { Address } from '../app/address.ts'
import { atlasInUse } from '../clusters/atlases.ts'
import { labelOf } from '../clusters/labels.ts'
import { homeOfRun } from '../curves/sweep-cells.ts'
import { sweeps } from '../curves/sweeps.ts'
import { measurements } from '../evaluate/measurements.ts'
import { figures } from '../figures/list.ts'
import { recordOf } from '../images/records.ts'
import { classNameIn } from '../images/run-names.ts'
import { runOf, runs } from '../sample/runs.ts'

function facts({ run }: LineagePlace): LineageFacts {
  const known = new Map<string, RunFacts>(runs.value.map((one) => [one.id, one]))
  // Cells of sweeps are not listed as runs; only those that are in the chain are read.
  const sources = runs.value.flatMap(({ request }) => request?.from?.run ?? [])
  for (const id of [run, ...sources]) {
    const cell = id.includes('@') ? runOf(id) : undefined
    if (cell) known.set(id, cell)
  }
  const atlas = atlasInUse('discriminative')?.id
  return {
    runs: known,
    sweeps: new Map(sweeps.value?.map(({ id, base }) => [id, base])),
    measurements: (measurements.value ?? []).flatMap(({ id, samples, stamp }) =>
      samples.kind === 'run' ? [{ id, run: samples.run, name: stampName(stamp) }] : [],
    ),
    figures: (figures.value ?? []).map(({ id, shows }) => ({ id, images: shows })),
    className: (id, index) => classNameIn(id)(index),
    label: (_, entry) => (atlas === undefined ? undefined : labelOf(atlas, entry)?.label || undefined),
  }
}

export interface Lineage {
  readonly chain: readonly LineageNode[]
  readonly made: readonly LineageNode[]
  readonly beside: readonly LineageNode[]
}

/** The tokens of the images in the chain are read, so that edits can be described. */
export function lineageOf(place: LineagePlace): Lineage {
  const known: LineageFacts = {
    ...facts(place),
    grid(run, image) {
      const record = recordOf(run, image)
      return record && 'details' in record ? record.details.discriminative?.tokens : undefined
    },
  }
  return { chain: chainOf(known, place), made: madeFrom(known, place), beside: madeBeside(known, place) }
}

/** Without tokens: a tree may have more images than records are kept. */
export const lineageTree = (place: LineagePlace): readonly LineageRow[] => treeOf(facts(place), place)

/** Where a node is shown; undefined for one that has no page, or is not here. */
export function nodeAddress({ kind, opens, image }: LineageNode): Address | undefined {
  if (opens === undefined || kind === 'missing') return undefined
  switch (kind) {
    case 'image':
      return { page: 'inspect', run: opens, ...(image === undefined ? {} : { image }), query: {} }
    case 'sweep':
      return { page: 'curves', run: opens, query: {} }
    case 'measurement':
      return { page: 'evaluate', run: opens, query: {} }
    case 'figure':
      return { page: 'figures', run: opens, query: {} }
    default:
      return homeOfRun(opens)
  }
}
