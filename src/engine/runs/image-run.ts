// Runs a recipe that makes images: batches in order, each finished image on disk before the next batch.
import { join } from 'node:path'
import { APP } from '../../shared/app.ts'
import type { DecodeSpec, ReconstructSpec, SampleSpec } from '../../shared/run/run.ts'
import { codecVersion, type RgbImage } from '../images/index.ts'
import { runtimeVersion, type DeviceChoice } from '../session/index.ts'
import { pictureGrid, type TokenLayers } from '../tokens/grid.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { gridsOf, type Codebooks, type ImageJob, type Recipe } from '../records/image-record.ts'
import type { OpenModel } from '../model-set/open-models.ts'
import type { PixelDecoder } from '../tokenizer/tokenizer.ts'
import { openRunFolder, shardSuffix, type RunRecord } from '../records/run-folder.ts'
import { writeRunIndex, type IndexOptions } from '../records/run-index.ts'
import type { Shard } from './shards/block.ts'

/** The program as named in run.json and in every image. */
const MAKER = `${APP.name} ${APP.version}`

/** Share of an image's time spent on its token grids, for progress; the rest is pixels and files. */
const GRIDS_SHARE = 0.9

export interface ImageRun {
  readonly spec: DecodeSpec | ReconstructSpec | SampleSpec
  readonly recipe: Recipe
  readonly jobs: readonly ImageJob[]
  readonly models: Readonly<Record<string, OpenModel>>
  readonly device: DeviceChoice
  /** Names of the requested classes. */
  readonly classNames?: Readonly<Record<string, string>>
  readonly pixels: PixelDecoder
  readonly codebooks: Codebooks
  /** Makes the token layers of a batch; reports each stage by name with the finished share of the batch's work. */
  make(
    batch: readonly ImageJob[],
    report: (note: string, share: number) => void,
  ): Promise<readonly TokenLayers[]>
  /** Encodes finished images again, to compare their discriminative tokens with the original ones. */
  encodeAgain?(images: readonly RgbImage[]): Promise<readonly Int32Array[]>
  readonly index: IndexOptions
  /** If the jobs are those of one of several processes. */
  readonly shard?: Shard | undefined
}

/** Makes every missing image. Rejects with the signal's reason when it is aborted. */
export async function runImages(run: ImageRun, callbacks: RunCallbacks): Promise<RunResult> {
  const { spec, recipe, jobs, device } = run
  const sharded = run.shard ? shardSuffix(run.shard.shard, run.shard.shards) : ''
  const isPacked = spec.kind === 'sample' && spec.pack === true
  const folder = await openRunFolder(spec.out, recipe, sharded, isPacked)
  try {
    const damaged = await folder.setDamagedAside(
      jobs.map(({ image }) => image),
      (checked) => {
        callbacks.signal.throwIfAborted()
        callbacks.progress(checked, jobs.length, 'checking finished images')
      },
    )
    const again = damaged.length > 0 ? `, ${damaged.length} damaged made again: ${damaged[0]}` : ''
    const open = jobs.filter(({ image }) => !folder.finished.has(image))
    const seconds: Record<string, number> = { ...folder.earlier?.seconds }
    const record: RunRecord = {
      schema: 1,
      app: MAKER,
      recipe,
      spec,
      models: Object.entries(run.models).map(([role, { file }]) => ({
        role,
        path: file.path,
        sha256: file.sha256,
        // Published rows tell models of a family apart by it.
        ...(role === 'generator' ? { width: file.facts.width } : {}),
      })),
      device,
      ...(run.classNames ? { classNames: run.classNames } : {}),
      codebooks: run.codebooks,
      versions: {
        node: process.version,
        onnxruntime: runtimeVersion(),
        sharp: codecVersion(),
        platform: `${process.platform}-${process.arch}`,
      },
      started: folder.earlier?.started ?? new Date().toISOString(),
      seconds,
    }
    await folder.saveRecord(record)
    const before = jobs.length - open.length
    callbacks.progress(
      before,
      jobs.length,
      before > 0 ? `${before} images already finished${again}` : 'starting',
    )
    for (let from = 0; from < open.length; from += spec.batchSize) {
      callbacks.signal.throwIfAborted()
      const batch = open.slice(from, from + spec.batchSize)
      const clock = stageClock(seconds)
      const report = (note: string, share: number) => {
        clock(note)
        callbacks.progress(before + from + batch.length * GRIDS_SHARE * share, jobs.length, note)
      }
      const grids = await run.make(batch, report)
      clock('pixels')
      const images = await run.pixels.decode(
        grids.map((layers) => pictureGrid(layers).tokens),
        batch.map(({ image }) => `image ${image}`),
      )
      clock('encoder')
      const drifted = await run.encodeAgain?.(images)
      clock('files')
      // The networks read the weights from these files; the records name their sha256.
      for (const model of Object.values(run.models)) await model.confirm()
      for (const [i, { image, ...job }] of batch.entries()) {
        const drift = drifted ? { drifted: drifted[i]! } : {}
        const made = { app: MAKER, image, ...job, recipe, codebooks: run.codebooks }
        await folder.save(images[i]!, { ...made, ...gridsOf(grids[i]!), ...drift })
        callbacks.finished?.({ image, ...(job.class === undefined ? {} : { class: job.class }) })
        const share = GRIDS_SHARE + (1 - GRIDS_SHARE) * ((i + 1) / batch.length)
        callbacks.progress(before + from + batch.length * share, jobs.length, `image ${image}`)
      }
      clock()
    }
    callbacks.progress(jobs.length, jobs.length, 'writing tokens and grid')
    await writeRunIndex(folder, jobs, sharded, run.index)
    await folder.saveRecord({ ...record, ended: new Date().toISOString() })
    const made = open.length === 0 ? 'nothing left to do' : `${open.length} new`
    return {
      finished: jobs.length,
      summary: `${jobs.length} images (${made}${again}), ${join(spec.out, `grid${sharded}.png`)}, ${device.reason}`,
    }
  } finally {
    await folder.close()
  }
}

/** Adds the time between two calls to the stage named by the first. */
function stageClock(seconds: Record<string, number>): (next?: string) => void {
  let stage: string | undefined
  let since = performance.now()
  return (next) => {
    const now = performance.now()
    if (stage !== undefined) seconds[stage] = (seconds[stage] ?? 0) + (now - since) / 1000
    stage = next
    since = now
  }
}
