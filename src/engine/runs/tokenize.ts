// Pictures -> a token data set: the tokens of every picture with their distances, and `.codecs` for fairseq.
import { GRID_NAMES } from '../../shared/grid/layout.ts'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { APP } from '../../shared/app.ts'
import { RequestError } from '../../shared/errors.ts'
import type { TokenizeSpec } from '../../shared/run/run.ts'
import { writeFileAtomic } from '../bytes/index.ts'
import { openTokenWriter } from '../tokens/dataset/shards.ts'
import { scope, type Keep } from '../devices/scope.ts'
import type { RunCallbacks, RunResult } from '../devices/callbacks.ts'
import { openModels } from '../model-set/open-models.ts'
import { listPictures, type PictureList } from '../tokenizer/picture-list.ts'
import { chooseDevice } from '../devices/device-probe.ts'
import {
  DATASET_RECORD,
  DatasetRecordSchema,
  meanDistances,
  UNREADABLE,
  type DatasetRecord,
} from '../records/token-dataset.ts'
import { pictureEncoding } from './picture-encoding.ts'
import { picturesToDo, readBatch, rootOf, rowsByPath } from './tokenize-pictures.ts'
import { exportCodecs } from '../records/token-export.ts'
import { openWorkFolder } from '../records/work-folder.ts'
import { blockOf, type Block, type Shard } from './shards/block.ts'

/** @param shard only a block of the pictures, in a folder of its own, which `joinTokens` adds to the whole. */
export async function runTokenize(
  spec: TokenizeSpec,
  callbacks: RunCallbacks,
  shard?: Shard,
): Promise<RunResult> {
  return scope((keep) => tokenize(spec, callbacks, keep, shard))
}

async function tokenize(
  spec: TokenizeSpec,
  callbacks: RunCallbacks,
  keep: Keep,
  shard: Shard | undefined,
): Promise<RunResult> {
  callbacks.progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model, ...(spec.generatorFiles ?? [])], spec.choose))
  const { provider, reason } = await chooseDevice(spec.device)
  const { size, recipe: networks, vocabulary, open } = await pictureEncoding(spec, models, provider)
  const whole = await listPictures(spec.images)
  const listing = shard ? listingOf(whole, blockOf(whole.pictures.length, spec.batchSize, shard)) : whole
  const recipe = {
    sources: spec.images.map((path) => resolve(path)),
    ...networks,
    size,
    provider,
    ...shard,
  }
  const folder = keep(await openWorkFolder(spec.out, DATASET_RECORD, DatasetRecordSchema, recipe))
  const root = await rootOf(spec.images)
  const done = await rowsByPath(spec.out)
  const todo = await picturesToDo(listing, root, done, spec.out)
  const record: DatasetRecord = {
    schema: 1,
    app: `${APP.name} ${APP.version}`,
    recipe,
    spec,
    root,
    classNames: [...listing.classNames],
    vocabulary,
    images: done.size,
    started: folder.earlier?.started ?? new Date().toISOString(),
  }
  await folder.saveRecord(record)
  callbacks.progress(done.size, listing.pictures.length, `loading networks on ${provider}`)
  const encoder = keep(await open())
  const writer = await openTokenWriter(spec.out)
  const unreadable: string[] = []
  try {
    for (let from = 0; from < todo.length; from += spec.batchSize) {
      callbacks.signal.throwIfAborted()
      const batch = await readBatch(todo.slice(from, from + spec.batchSize), size, unreadable)
      if (batch.length > 0) {
        const images = batch.map(({ image }) => image)
        const names = batch.map(({ row }) => row.path ?? '')
        const grids = await encoder.encode(images, names)
        await writer.add(batch.map(({ row }, i) => ({ ...row, ...grids[i]! })))
      }
      callbacks.progress(
        done.size + Math.min(todo.length, from + spec.batchSize),
        listing.pictures.length,
        'pictures',
      )
    }
  } finally {
    // Computed rows are kept after a stop or failure.
    await writer.flush()
    if (unreadable.length > 0) await writeFileAtomic(join(spec.out, UNREADABLE), unreadable.join('\n') + '\n')
  }
  // Pictures that an earlier session skipped may have been repaired or deleted.
  if (unreadable.length === 0) await rm(join(spec.out, UNREADABLE), { force: true })
  const images = done.size + todo.length - unreadable.length
  if (shard) {
    await folder.saveRecord({ ...record, images, ended: new Date().toISOString() })
    return { finished: images, summary: `tokenized ${images} pictures to ${spec.out}, ${reason}` }
  }
  if (images === 0)
    throw new RequestError(`could not read any of ${listing.pictures.length} pictures: ${unreadable[0]}`)
  for (const grid of GRID_NAMES)
    if (record.vocabulary[grid] !== undefined)
      await exportCodecs(spec.out, grid, join(spec.out, `${grid}.codecs`))
  const quantisationError = await meanDistances(spec.out)
  await folder.saveRecord({ ...record, images, quantisationError, ended: new Date().toISOString() })
  const skipped =
    unreadable.length > 0
      ? `, ${unreadable.length} skipped because ${unreadable.length === 1 ? 'it' : 'they'} could not be read (see ${UNREADABLE})`
      : ''
  const { discriminative, codes = NaN } = quantisationError
  return {
    finished: images,
    summary:
      `tokenized ${images} pictures, each resized and center-cropped to ${size} x ${size}, to ${spec.out}${skipped}\n` +
      `quantization error ${(discriminative ?? codes).toPrecision(6)} (mean squared distance to the ${discriminative === undefined ? 'code' : 'centroid'}), ${reason}`,
  }
}

/** The names of the classes stay those of all pictures. */
const listingOf = ({ pictures, classes, classNames }: PictureList, { from, to }: Block): PictureList => ({
  pictures: pictures.slice(from, to),
  classes: classes.slice(from, to),
  classNames,
})
