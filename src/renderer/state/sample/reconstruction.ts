// Picture files -> a run that reconstructs them from their tokens, with the Sample settings.
import { computed, shallowRef } from 'vue'
import { MAX_HANDED_BYTES, MAX_HANDED_PICTURES } from '../../../shared/contract/handed-pictures.ts'
import type { SetSource } from '../../../shared/evaluation/measurements.ts'
import type { ModelRole } from '../../../shared/models/models.ts'
import { ReconstructRequestSchema, type ReconstructRequest } from '../../../shared/run/run.ts'
import { go, ifStillHere } from '../app/address.ts'
import { calls } from '../app/calls.ts'
import { abilities, damagedFile, fileOf } from '../models/models-in-use.ts'
import { attempt, report } from '../app/problems.ts'
import { requestOf, settings } from './settings.ts'
import { byteWords } from '../app/words.ts'

/** Whether pictures are being sent to the engine. */
export const handing = shallowRef(false)

/** Why pictures cannot be reconstructed with the open models; undefined if they can. */
export const noReconstruction = computed(() => {
  const missing = [
    ...(fileOf('encoder') ? [] : [named('encoder', 'encoder')]),
    ...(fileOf('codebook') ? [] : [named('codebook', 'codebook')]),
    ...(abilities.value.ar || abilities.value.nar ? [] : [named('stage 2', 'stage2Ar')]),
    ...(abilities.value.pixels ? [] : [named('VQGAN', 'vqgan')]),
  ]
  return missing.length === 0 ? undefined : `Missing models: ${missing.join(', ')}`
})

function named(words: string, role: ModelRole): string {
  const damaged = damagedFile(role)
  return damaged === undefined ? words : `${words} (${damaged})`
}

/** Starts the run and shows its first image. */
export async function reconstruct(files: readonly File[]): Promise<void> {
  const problem = noReconstruction.value ?? tooMuch(files)
  if (problem !== undefined) return report('Could not open the pictures', problem)
  const { stage2 } = settings.value
  const damaged = damagedFile(stage2 === 'ar' ? 'stage2Ar' : 'stage2Nar')
  if (!abilities.value[stage2] && damaged !== undefined) return report('Could not open the pictures', damaged)
  const kind = abilities.value[stage2] ? stage2 : stage2 === 'ar' ? 'nar' : 'ar'
  const { success, data, error } = ReconstructRequestSchema.safeParse({
    ...requestOf(settings.value),
    stage2: kind,
    drift: true,
  })
  if (!success)
    return report(
      'Could not open the pictures',
      `Invalid setting on the Sample page: ${error.issues.map(({ path }) => path.join(' ')).join(', ')}`,
    )
  const ifHere = ifStillHere()
  handing.value = true
  const run = await attempt('Could not open the pictures', async () => {
    const pictures = await Promise.all(files.map(async (file) => new Uint8Array(await file.arrayBuffer())))
    return calls().startReconstruct(
      data,
      files.map(({ name }) => name.slice(0, 255)),
      pictures,
    )
  })
  handing.value = false
  if (run !== undefined) ifHere(() => go({ page: 'inspect', run, image: 0 }))
}

/** Why the images of a set cannot go through the VQGAN alone; undefined if they can. */
export const noVqgan = computed(() =>
  abilities.value.pixels ? undefined : `Missing models: ${named('VQGAN', 'vqgan')}`,
)

/** What makes pictures again: the VQGAN or another tokenizer alone, else tokens and stage 2. */
export type ReconstructWay = Pick<ReconstructRequest, 'vqganOnly' | 'tokenizer'>

/** Makes all images of a set again; answers with the run. */
export async function reconstructSet(source: SetSource, way: ReconstructWay): Promise<string | undefined> {
  const { stage2 } = settings.value
  const isAlone = way.vqganOnly || way.tokenizer
  const kind = abilities.value[stage2] || isAlone ? stage2 : stage2 === 'ar' ? 'nar' : 'ar'
  return attempt('Could not reconstruct the images', () => {
    const request = ReconstructRequestSchema.parse({
      ...requestOf(settings.value),
      stage2: kind,
      ...way,
      // Tokenizers of other generators compute in float32 only.
      ...(way.tokenizer ? { weightBits: 32 } : {}),
    })
    return calls().startReconstructSet(request, source)
  })
}

function tooMuch(files: readonly File[]): string | undefined {
  if (files.length > MAX_HANDED_PICTURES)
    return `too many pictures (found ${files.length}, at most ${MAX_HANDED_PICTURES})`
  const bytes = files.reduce((total, { size }) => total + size, 0)
  return bytes > MAX_HANDED_BYTES
    ? `pictures too large (found ${byteWords(bytes)}, at most ${byteWords(MAX_HANDED_BYTES)})`
    : undefined
}
