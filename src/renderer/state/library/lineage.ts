// Where a run or an image comes from, and what was made from it: from what the page knows of the workspace.
import { computed } from 'vue'
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

/** Runs of the workspace, and the cells of sweeps that something was made from. */
const known = computed(() => {
  const byId = new Map<string, RunFacts>(runs.value.map((run) => [run.id, run]))
  for (const { request } of runs.value) {
    const cell = request?.from?.run.includes('@') ? runOf(request.from.run) : undefined
    if (cell) byId.set(cell.id, cell)
  }
  return byId
})
const measured = computed(() =>
  (measurements.value ?? []).flatMap(({ id, samples, stamp }) =>
    samples.kind === 'run' ? [{ id, run: samples.run, name: stampName(stamp) }] : [],
  ),
)

function facts({ run }: LineagePlace): LineageFacts {
  // Cells of sweeps are not listed as runs.
  const cell = known.value.has(run) ? undefined : runOf(run)
  const atlas = atlasInUse('discriminative')?.id
  return {
    runs: cell ? new Map(known.value).set(run, cell) : known.value,
    sweeps: new Map(sweeps.value?.map(({ id, base }) => [id, base])),
    measurements: measured.value,
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
  const withTokens: LineageFacts = {
    ...facts(place),
    grid(run, image) {
      const record = recordOf(run, image)
      return record && 'details' in record ? record.details.discriminative?.tokens : undefined
    },
  }
  return {
    chain: chainOf(withTokens, place),
    made: madeFrom(withTokens, place),
    beside: madeBeside(withTokens, place),
  }
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
