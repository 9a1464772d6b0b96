// The images of a figure -> where each comes from: its run, its record, and the runs above it.
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { ImagePlace, LineageFacts, RunFacts } from '../../../shared/run/lineage.ts'
import { stampName } from '../../../shared/evaluation/measurement-name.ts'
import type { SampleRequest } from '../../../shared/run/run.ts'
import { ImageRunIdSchema } from '../../../shared/run/run.ts'
import { readStored } from '../../bytes/index.ts'
import { METRICS_FILE, readStamps } from '../../records/stamps.ts'
import { textToRecord, type ImageRecord } from '../../records/image-record.ts'
import { imageName, readRunIn, runFolder, sweepFolder, type FoundRun } from '../../records/workspace.ts'
import { readSweepRecord } from '../../runs/sweep/sweep-record.ts'
import type { PlacedImage } from '../figure-images.ts'

/** A run that images of the figure are of. */
export interface PublishedRun extends FoundRun {
  readonly folder: string
}

export interface ImageFacts {
  readonly runs: ReadonlyMap<string, PublishedRun>
  /** Where the image of a key is; absent for a file outside of a run. */
  placeOf(key: string): ImagePlace | undefined
  readonly lineage: LineageFacts
}

/** Labels of clusters by entry, for images made with models of these hashes: others have other clusters. */
export type Labels = (models: readonly string[]) => ReadonlyMap<number, string>

/** Longer chains of edits are cut. */
const MAX_CHAIN = 100

/** @param images by `refKey` */
export async function readImageFacts(
  images: ReadonlyMap<string, PlacedImage>,
  workspace: string,
  labels: Labels,
): Promise<ImageFacts> {
  const runs = new Map<string, PublishedRun>()
  const places = new Map<string, ImagePlace>()
  const sweeps = new Map<string, SampleRequest>()
  const grids = new Map<string, ImageRecord>()
  const measurements: LineageFacts['measurements'][number][] = []
  const open = async (id: string, folder: string): Promise<PublishedRun | undefined> => {
    const known = runs.get(id)
    if (known) return known
    const found = await readRunIn(folder, id).catch(() => undefined)
    if (!found || (found.problem && found.images.length === 0)) return undefined
    const run = { ...found, folder }
    runs.set(id, run)
    const stamps = await readStamps(join(folder, METRICS_FILE)).catch(() => [])
    measurements.push(
      ...stamps.map((stamp) => ({ id: stamp.key.slice(0, 16), run: id, name: stampName(stamp) })),
    )
    return run
  }
  for (const [key, { path, record }] of images) {
    const folder = dirname(dirname(path))
    const image = record?.image ?? NaN
    if (basename(dirname(path)) !== 'images' || basename(path) !== imageName(image)) continue
    const id = runIdOf(folder, workspace)
    if (await open(id, folder)) places.set(key, { run: id, image })
  }
  for (const start of [...runs.values()]) {
    let at: PublishedRun | undefined = start
    for (let step = 0; at && step < MAX_CHAIN; step++) {
      const [sweep, cell] = at.id.split('@')
      if (cell !== undefined && !sweeps.has(sweep!)) {
        const record = await readSweepRecord(sweepFolder(workspace, sweep!))
        if (record) sweeps.set(sweep!, record.spec.base)
      }
      const from: ImagePlace | undefined = at.spec?.kind === 'sample' ? at.spec.from : undefined
      if (!from || !ImageRunIdSchema.safeParse(from.run).success) break
      const folder = runFolder(workspace, from.run)
      at = runs.has(from.run) && grids.has(gridKey(from)) ? undefined : await open(from.run, folder)
      const png = await readStored(join(folder, 'images', imageName(from.image))).catch(() => undefined)
      if (png) {
        const record = tolerant(() => textToRecord(png, imageName(from.image)))
        if (record) grids.set(gridKey(from), record)
      }
    }
  }
  return {
    runs,
    placeOf: (key) => places.get(key),
    lineage: {
      runs: new Map([...runs].map(([id, run]) => [id, runFactsOf(run)])),
      sweeps,
      measurements,
      figures: [],
      grid: (run, image) => grids.get(gridKey({ run, image }))?.discriminative?.tokens,
      className: (run, index) => runs.get(run)?.made?.classNames?.[index] ?? `class ${index}`,
      label: (run, entry) => labels(runs.get(run)?.made?.models.map(({ sha256 }) => sha256) ?? []).get(entry),
    },
  }
}

const gridKey = ({ run, image }: ImagePlace) => `${run}#${image}`

function runFactsOf({ id, name, spec }: FoundRun): RunFacts {
  const facts = name === undefined ? { id } : { id, name }
  if (spec?.kind === 'sample') return { ...facts, request: spec }
  if (spec?.kind !== 'reconstruct') return facts
  return { ...facts, reconstruct: spec, pictures: spec.names ?? spec.images.map((path) => basename(path)) }
}

/** Its id in the workspace; of a folder elsewhere, the name of that folder. */
function runIdOf(folder: string, workspace: string): string {
  const [room, name, cells, cell] = relative(resolve(workspace), resolve(folder)).split(sep)
  if ((room === 'sweeps' || room === 'runs') && cells === 'cells' && name && cell) return `${name}@${cell}`
  return basename(folder)
}

function tolerant<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
