// Regenerates images from the models and compares them pixel by pixel with the originals.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readStored } from '../bytes/index.ts'
import { decodeImage } from '../images/index.ts'
import { imageName } from '../records/workspace.ts'
import { runDecode } from '../runs/decode.ts'
import { pixelHash } from './figure-images.ts'
import type { RunCallbacks } from '../devices/callbacks.ts'
import { layersOf, textToRecord, type ImageRecord } from '../records/image-record.ts'
import { causesOf } from './reproduce-causes.ts'
import { writeCodecs } from '../tokens/codecs.ts'
import {
  reproduceJobs,
  type ReproduceJob,
  type ImageSpec,
  type ReproduceOptions,
  type Wanted,
} from './reproduce-jobs.ts'
import { runReconstruct } from '../runs/reconstruct.ts'
import { readRecord } from '../records/recipe.ts'
import { RunRecordSchema, type RunRecord } from '../records/run-folder.ts'
import { runSample } from '../runs/sample.ts'

export interface Reproduction {
  readonly images: readonly ComparedImage[]
  /** What has changed since, whether or not it affected the images: files, versions, device. */
  readonly causes: readonly string[]
}

export interface ComparedImage {
  readonly name: string
  readonly same: boolean
  /** Where an image first differs, if it differs. */
  readonly difference?: string
}

/** Writes only to a temporary folder, which is removed. */
export async function reproduce(options: ReproduceOptions, callbacks: RunCallbacks): Promise<Reproduction> {
  const jobs = await reproduceJobs(options)
  const images: ComparedImage[] = []
  const causes = new Set<string>()
  const folder = await mkdtemp(join(tmpdir(), 'digit-reproduce-'))
  try {
    for (const [i, job] of jobs.entries()) {
      const out = join(folder, String(i))
      await perform({ ...job.spec, ...(await tokenFile(job, folder)), out }, callbacks)
      for (const cause of causesOf(job, await madeRecord(out, job.spec))) causes.add(cause)
      for (const wanted of job.wanted) images.push(await compare(wanted, out))
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return { images, causes: [...causes] }
}

/** The tokens of an image as a file that can be decoded. */
async function tokenFile({ grid }: ReproduceJob, folder: string): Promise<{ codecs?: string }> {
  if (!grid) return {}
  const codecs = join(folder, 'image.codecs')
  await writeCodecs(codecs, [Int32Array.from(grid)])
  return { codecs }
}

const perform = (spec: ImageSpec, callbacks: RunCallbacks) =>
  spec.kind === 'sample'
    ? runSample(spec, callbacks)
    : spec.kind === 'reconstruct'
      ? runReconstruct(spec, callbacks)
      : runDecode(spec, callbacks)

async function madeRecord(out: string, spec: ImageSpec): Promise<RunRecord> {
  const sharded = spec.kind === 'sample' && spec.shards > 1
  const suffix = sharded ? `-shard-${spec.shard}-of-${spec.shards}` : ''
  return (await readRecord(join(out, `run${suffix}.json`), RunRecordSchema))!
}

async function compare({ name, image, pixels, record }: Wanted, out: string): Promise<ComparedImage> {
  const path = join(out, 'images', imageName(image))
  const png = await readStored(path)
  if (pixelHash(await decodeImage(png, path)) === pixels) return { name, same: true }
  const difference = record ? tokenDifference(record, textToRecord(png, path)) : undefined
  return { name, same: false, ...(difference ? { difference } : {}) }
}

/** The first grid, in the order of sampling, whose tokens differ. */
function tokenDifference(then: ImageRecord, now: ImageRecord): string {
  const words: Readonly<Record<string, string>> = {
    discriminative: 'discriminative tokens',
    codes: 'VQGAN codes',
  }
  for (const [layer, { tokens: a }] of Object.entries(layersOf(then))) {
    const name = words[layer] ?? `tokens of ${layer}`
    const b = layersOf(now)[layer]?.tokens
    const cells = b ? Array.from(a.keys()).filter((i) => a[i] !== b[i]) : []
    if (cells.length > 0)
      return `${cells.length} of ${a.length} ${name} differ, the first at cell ${cells[0]}`
  }
  return 'all tokens are identical, the pixels are not'
}
