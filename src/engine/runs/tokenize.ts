// Pictures -> token files: `.codecs` for fairseq, npz with distances for everything else.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError, RequestError } from '../../shared/errors.ts'
import type { TokenizeSpec } from '../../shared/run.ts'
import { writeFileAtomic, writeNpz, type NpyInput } from '../bytes/index.ts'
import { writeCodecs } from '../tokens/codecs.ts'
import type { RgbImage } from '../images/index.ts'
import { closing, type Keep } from './closing.ts'
import type { RunHooks, RunResult } from './hooks.ts'
import { openModels } from './import.ts'
import { listPictures } from './picture-list.ts'
import {
  openTokenizer,
  openVqTokenizer,
  readPicture,
  vqganConfig,
  type PictureTokens,
  type Tokenizer,
} from './pictures.ts'
import { chooseDevice } from './probe.ts'

/** Side the encoder's pictures are prepared at where no VQGAN says: the release's. */
const RELEASE_SIZE = 256

export async function runTokenize(spec: TokenizeSpec, hooks: RunHooks): Promise<RunResult> {
  return closing((keep) => tokenize(spec, hooks, keep))
}

async function tokenize(spec: TokenizeSpec, hooks: RunHooks, keep: Keep): Promise<RunResult> {
  hooks.progress(0, 1, 'looking at the models')
  const models = keep(await openModels([spec.model], spec.choose))
  const { provider, reason } = await chooseDevice(spec.device)
  const encoder = await models.open('encoder')
  const codebook = await models.open('codebook')
  const vqgan = models.has('vqgan') ? await models.open('vqgan') : undefined
  const size = vqgan ? vqganConfig(vqgan).resolution : RELEASE_SIZE
  const { pictures, classes } = await listPictures(spec.images)
  await mkdir(spec.out, { recursive: true }).catch((error: Error) => {
    throw new RequestError(`cannot make the folder ${spec.out}: ${error.message}`)
  })
  hooks.progress(0, 1, `opening the networks on ${provider}`)
  const tokenizers: Record<string, Tokenizer> = {
    discriminative: keep(await openTokenizer(encoder, codebook, size, provider)),
    ...(vqgan ? { codes: keep(await openVqTokenizer(vqgan, provider)) } : {}),
  }
  const results: Record<string, PictureTokens[]> = { discriminative: [], codes: [] }
  const read: number[] = []
  const unreadable: string[] = []
  for (let from = 0; from < pictures.length; from += spec.batchSize) {
    hooks.signal.throwIfAborted()
    const batch: RgbImage[] = []
    for (const [i, path] of pictures.slice(from, from + spec.batchSize).entries()) {
      try {
        batch.push(await readPicture(path, size))
        read.push(from + i)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
        unreadable.push(error.message)
      }
    }
    for (const [name, tokenizer] of Object.entries(tokenizers))
      if (batch.length > 0) results[name]!.push(...(await tokenizer.tokens(batch)))
    hooks.progress(Math.min(pictures.length, from + spec.batchSize), pictures.length, 'pictures')
  }
  if (read.length === 0)
    throw new RequestError(`none of ${pictures.length} pictures could be read: ${unreadable[0]}`)

  const npz: Record<string, NpyInput> = {}
  const labels = read.map((i) => classes[i])
  if (labels.every((label) => label !== undefined))
    npz.class = { data: Int32Array.from(labels), shape: [read.length] }
  for (const [name, grids] of Object.entries(results)) {
    if (grids.length === 0) continue
    const shape = [grids.length, grids[0]!.tokens.length]
    npz[name] = { data: Int32Array.from(grids.flatMap(({ tokens }) => Array.from(tokens))), shape }
    npz[`${name}_distance`] = {
      data: Float32Array.from(grids.flatMap(({ distances }) => Array.from(distances))),
      shape,
    }
    await writeCodecs(
      join(spec.out, `${name}.codecs`),
      grids.map(({ tokens }) => tokens),
    )
  }
  await writeNpz(join(spec.out, 'tokens.npz'), npz)
  await writeFileAtomic(join(spec.out, 'pictures.txt'), read.map((i) => pictures[i]!).join('\n') + '\n')
  if (unreadable.length > 0)
    await writeFileAtomic(join(spec.out, 'unreadable.txt'), unreadable.join('\n') + '\n')
  const skipped = unreadable.length > 0 ? `, ${unreadable.length} could not be read (unreadable.txt)` : ''
  return {
    finished: read.length,
    summary: `${read.length} pictures tokenized into ${spec.out}${skipped}, ${reason}`,
  }
}
