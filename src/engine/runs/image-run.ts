// Runs a recipe that makes images: batches in order, each finished image on disk before the next batch.
import { join } from 'node:path'
import { APP } from '../../shared/app.ts'
import type { DecodeSpec, ReconstructSpec, SampleSpec } from '../../shared/run/run.ts'
import type { Card } from '../../shared/models/devices.ts'
import { codecVersion } from '../images/index.ts'
import { runtimeVersion, type DeviceChoice } from '../session/index.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { gridsOf, type Codebooks, type ImageJob, type Recipe } from '../records/image-record.ts'
import type { OpenModel } from '../model-set/open-models.ts'
import { openRunFolder, shardSuffix, type RunRecord } from '../records/run-folder.ts'
import { writeRunIndex, type IndexOptions } from '../records/run-index.ts'
import type { ImageNetworks, MadeImage } from './image-work.ts'
import type { Shard } from './shards/block.ts'
import { GRIDS_SHARE, shareWork, type Progress } from './share-work.ts'

/** The program as named in run.json and in every image. */
const MAKER = `${APP.name} ${APP.version}`

/** Of the process of a card: it computes instead of writing a folder. */
export interface ImageCallbacks extends RunCallbacks {
  readonly serve?: (run: ImageRun) => Promise<never>
}

export interface ImageRun {
  readonly spec: DecodeSpec | ReconstructSpec | SampleSpec
  readonly recipe: Recipe
  readonly jobs: readonly ImageJob[]
  readonly models: Readonly<Record<string, OpenModel>>
  readonly device: DeviceChoice
  /** Names of the requested classes. */
  readonly classNames?: Readonly<Record<string, string>>
  /** Cards that make the images, each in a process of its own. @default none: this process makes them */
  readonly cards?: readonly Card[]
  readonly codebooks: Codebooks
  /** Opens the networks, where the images are made. */
  networks(): Promise<ImageNetworks>
  readonly index: IndexOptions
  /** If the jobs are those of one of several processes. */
  readonly shard?: Shard | undefined
}

/** Makes every missing image. Rejects with the signal's reason when it is aborted. */
export async function runImages(run: ImageRun, callbacks: ImageCallbacks): Promise<RunResult> {
  if (callbacks.serve) return callbacks.serve(run)
  const networks = run.cards?.length ? undefined : await run.networks()
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
        sharp: await codecVersion(),
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
    const save = async (batch: readonly ImageJob[], made: readonly MadeImage[], worker: Progress) => {
      // The networks read the weights from these files; the records name their sha256.
      for (const model of Object.values(run.models)) await model.confirm()
      for (const [i, { image, ...job }] of batch.entries()) {
        const { layers, image: pixels, ...drift } = made[i]!
        const about = { app: MAKER, image, ...job, recipe, codebooks: run.codebooks }
        await folder.save(pixels, { ...about, ...gridsOf(layers), ...drift })
        callbacks.finished?.({ image, ...(job.class === undefined ? {} : { class: job.class }) })
        const share = GRIDS_SHARE + (1 - GRIDS_SHARE) * ((i + 1) / batch.length)
        worker.report(batch.length * share, `image ${image}`)
      }
    }
    const progress = (made: number, note: string) => callbacks.progress(before + made, jobs.length, note)
    await shareWork(run, networks, open, { ...callbacks, progress }, seconds, save)
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
