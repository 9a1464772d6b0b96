// Held-out images -> bits per token of stage 1, and of stage 2 given the true tokens: how easy a codebook is to model.
//   OUT/likelihood.json                 settings, models, and the means: overall, by place, by class
//   OUT/stage1.npy, stage2.npy          f32 [images, cells], natural log-probability of every token
import { join } from 'node:path'
import * as z from 'zod'
import { APP } from '../../../shared/app.ts'
import { RequestError } from '../../../shared/errors.ts'
import {
  LIKELIHOOD_STAGES,
  LikelihoodSpecSchema,
  StageLikelihoodSchema,
  type LikelihoodSpec,
  type LikelihoodStage,
  type StageLikelihood,
} from '../../../shared/evaluation/likelihood.ts'
import type { RunCallbacks, RunResult } from '../../devices/callbacks.ts'
import { chooseDevice } from '../../devices/device-probe.ts'
import { scope, type Keep } from '../../devices/scope.ts'
import { openTokenScorer, type TokenScorer } from '../../decoding/likelihood.ts'
import { openModels, type OpenModels, type OpenTransformer } from '../../model-set/open-models.ts'
import { fileToSha256 } from '../../model-set/file-hash.ts'
import { recordVersion, type WorkRecord } from '../../records/recipe.ts'
import { openRowFile, type RowFile } from '../../records/row-file.ts'
import { openWorkFolder } from '../../records/work-folder.ts'
import { listPictures } from '../../tokenizer/picture-list.ts'
import { readPicture, vqganConfig } from '../../tokenizer/tokenizer.ts'
import { runNetworks } from '../run-networks.ts'
import { summarize } from './summarize.ts'

export const LIKELIHOOD_RECORD = 'likelihood.json'
const IMAGES_AT_ONCE = 4
/** Side of the pictures where there is no VQGAN, as in the release. */
const RELEASE_SIZE = 256

/** `likelihood.json`. */
export interface LikelihoodRecord extends WorkRecord {
  readonly app: string
  readonly spec: LikelihoodSpec
  readonly started: string
  readonly images: number
  /** sha256 of the files of the models that were used, by role. */
  readonly models: Readonly<Record<string, string>>
  /** Once finished: the stages that the models have. */
  readonly stages?: Readonly<Partial<Record<LikelihoodStage, StageLikelihood>>>
}

export const LikelihoodRecordSchema: z.ZodType<LikelihoodRecord> = z.object({
  schema: recordVersion,
  app: z.string(),
  recipe: z.unknown(),
  spec: LikelihoodSpecSchema,
  started: z.string(),
  images: z.number().int(),
  models: z.record(z.string(), z.string()),
  stages: z.partialRecord(z.enum(LIKELIHOOD_STAGES), StageLikelihoodSchema).exactOptional(),
})

export async function runLikelihood(spec: LikelihoodSpec, callbacks: RunCallbacks): Promise<RunResult> {
  return scope((keep) => likelihood(spec, callbacks, keep))
}

/** One stage: what it is scored with, and where its rows are. */
interface Stage {
  readonly name: LikelihoodStage
  readonly model: OpenTransformer
  readonly scorer: TokenScorer
  readonly rows: RowFile
}

async function likelihood(spec: LikelihoodSpec, callbacks: RunCallbacks, keep: Keep): Promise<RunResult> {
  const { signal, progress, turn } = callbacks
  progress(0, 1, 'scanning models')
  const models = keep(await openModels([spec.model], spec.choose))
  const [encoder, codebook] = [await models.open('encoder'), await models.open('codebook')]
  const vqgan = models.has('vqgan') ? await models.open('vqgan') : undefined
  const transformers = await transformersOf(models, spec, vqgan !== undefined)
  const { provider, reason } = await chooseDevice(spec.device)
  const { pictures, classes, classNames } = await listPictures([spec.images])
  const labels = classes.every((label) => label !== undefined) ? classes : undefined
  if (spec.conditional && !labels)
    throw new RequestError(`${spec.images}: no classes for --conditional (expected one subfolder per class)`)
  const opened = { encoder, codebook, ...(vqgan ? { vqgan } : {}), ...transformers }
  const hashes = Object.fromEntries(
    Object.entries(opened).map(([role, { file }]) => [role, file.sha256] as const),
  )
  progress(0, 1, 'scanning pictures')
  const files = await Promise.all(pictures.map((picture) => fileToSha256(picture)))
  const recipe = { models: hashes, provider, conditional: spec.conditional === true, pictures, files }
  const folder = keep(await openWorkFolder(spec.out, LIKELIHOOD_RECORD, LikelihoodRecordSchema, recipe))
  const record: LikelihoodRecord = {
    schema: 1,
    app: `${APP.name} ${APP.version}`,
    recipe,
    spec,
    started: folder.earlier?.started ?? new Date().toISOString(),
    images: pictures.length,
    models: hashes,
  }
  await folder.saveRecord(record)

  const size = vqgan ? vqganConfig(vqgan).resolution : RELEASE_SIZE
  const networks = runNetworks(callbacks, keep, provider)
  const tokenizer = await networks.tokenizer(encoder, codebook, size)
  const vqTokenizer = transformers.stage2 && vqgan ? await networks.vqTokenizer(vqgan) : undefined
  const stages: Stage[] = []
  for (const name of LIKELIHOOD_STAGES) {
    const model = transformers[name]
    if (!model) continue
    const path = join(spec.out, `${name}.npy`)
    const rows = keep(await openRowFile(path, 'f32', pictures.length, model.config.grid.cells))
    stages.push({ name, model, rows, scorer: keep(openTokenScorer(model, provider)) })
  }
  const done = Math.min(...stages.map(({ rows }) => rows.rows))
  for (const { rows } of stages) await rows.cut(done)
  for (let from = done; from < pictures.length; from += IMAGES_AT_ONCE) {
    progress(from, pictures.length, 'scoring tokens')
    await turn?.()
    signal.throwIfAborted()
    const batch = pictures.slice(from, from + IMAGES_AT_ONCE)
    const images = await Promise.all(batch.map((picture) => readPicture(picture, size)))
    const tokens = (await tokenizer.tokens(images, batch)).map((found) => found.tokens)
    const codes = (await vqTokenizer?.tokens(images, batch))?.map((found) => found.tokens)
    for (const { name, scorer, rows } of stages) {
      const starts = name === 'stage2' ? tokens : batch.map((_, i) => labelOf(spec, labels, from + i))
      const scores = await scorer.score(starts, name === 'stage2' ? codes! : tokens, signal)
      await rows.append(Float32Array.from(scores.flatMap((row) => [...row])))
    }
  }
  const found: Partial<Record<LikelihoodStage, StageLikelihood>> = {}
  for (const { name, model, rows } of stages) {
    const values = new Float32Array((await rows.read(0, pictures.length)).buffer)
    const { vocabulary, grid } = model.config
    found[name] = summarize(values, grid.cells, vocabulary, labels, classNames)
  }
  await folder.saveRecord({ ...record, stages: found })
  const words = Object.entries(found).map(([name, { bits }]) => `${name} ${bits.toFixed(3)} bits per token`)
  return {
    finished: pictures.length,
    summary: `${words.join(', ')}; ${pictures.length} images, ${reason}; ${join(spec.out, LIKELIHOOD_RECORD)}`,
  }
}

const labelOf = (spec: LikelihoodSpec, labels: readonly (number | undefined)[] | undefined, image: number) =>
  spec.conditional ? labels![image] : undefined

/** The stages that can be scored. A masked stage 2 has no likelihood: its terms are conditionals of different steps. */
async function transformersOf(
  models: OpenModels,
  spec: LikelihoodSpec,
  hasCodes: boolean,
): Promise<Partial<Record<LikelihoodStage, OpenTransformer>>> {
  const role = spec.conditional ? 'stage1Class' : 'stage1'
  const stage1 = models.has(role) ? await models.open(role) : undefined
  const stage2 = hasCodes && models.has('stage2Ar') ? await models.open('stage2Ar') : undefined
  if (!stage1 && !stage2)
    throw new RequestError(
      `${spec.model}: no likelihood (expected stage 1${spec.conditional ? ' with classes' : ''}, or stage 2 AR with a VQGAN)`,
    )
  return { ...(stage1 ? { stage1 } : {}), ...(stage2 ? { stage2 } : {}) }
}
