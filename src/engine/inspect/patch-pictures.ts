// Pictures of the workspace -> their tokens and encoder features, with networks that stay open.
import type { GridName } from '../../shared/grid/layout.ts'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import type { ModelChoice } from '../../shared/models/models.ts'
import type { PatchFeatures, PictureRef, PictureTokens } from '../../shared/atlas/regions.ts'
import { findPacked, readStored } from '../bytes/index.ts'
import { encodePng, type RgbImage } from '../images/index.ts'
import { imageName, readRun, runFolder, sourcePath } from '../records/workspace.ts'
import { keptPicturePath } from '../workspace/kept-pictures.ts'
import { readAtlasRecord } from '../runs/atlas/atlas-files.ts'
import { atlasImageTokens } from '../runs/atlas/atlas-image.ts'
import { openAtlas } from '../runs/atlas/atlas-read.ts'
import { scope, type Keep } from '../devices/scope.ts'
import { textToRecord } from '../records/image-record.ts'
import { demoFolder } from '../model-set/resources.ts'
import { openModels, type OpenModels } from '../model-set/open-models.ts'
import type { Networks } from '../devices/network-pool.ts'
import { readPicture, vqganConfig, type PatchTokenizer } from '../tokenizer/tokenizer.ts'
import { chooseDevice } from '../devices/device-probe.ts'
import { runNetworks, type RunNetworks } from '../runs/run-networks.ts'
import { askedOfAtlas, atlasFolder } from '../workspace/atlases.ts'

export interface PatchContext {
  readonly workspace: string
  /** The models to encode with; the demo's pictures in an atlas are encoded by the demo's. */
  readonly fields: { readonly model: string; readonly choose?: ModelChoice }
  readonly networks: Networks
}

/** Picture size if there is no VQGAN to define it: that of the release. */
const RELEASE_SIZE = 256
/** Picture size sent to pages: sharp at the sizes shown, and a multiple of 16. */
const SHOWN_SIZE = 512

interface Opened {
  readonly models: OpenModels
  readonly networks: RunNetworks
  /** Side to which pictures are resized before encoding, as for token data sets. */
  readonly size: number
}

/** Encoder features of pictures, one after another, and their nearest tokens. */
export function pictureFeatures(
  context: PatchContext,
  pictures: readonly PictureRef[],
): Promise<PatchFeatures[]> {
  return opening(context, pictures[0]!, async (opened) => {
    const { tokenizer, layer } = await patchTokenizer(opened)
    const found: PatchFeatures[] = []
    for (const picture of pictures) {
      const image = await preparedPicture(context.workspace, picture, opened.size)
      const [{ features, width } = refuse()] = await tokenizer.patches([image])
      found.push({ features, width, layer })
    }
    return found
  })
}

/** Stored tokens, or with `encode` those of the pixels with the open models. */
export async function pictureTokens(
  context: PatchContext,
  picture: PictureRef,
  grid: GridName,
  encode: boolean,
): Promise<PictureTokens> {
  if (!encode && picture.of === 'atlas' && askedOfAtlas(picture.atlas).tokens === grid)
    return keptInAtlas(context.workspace, picture)
  const drawn = picture.of === 'run' && !encode ? await tokensInFile(context, picture, grid) : undefined
  return opening(context, picture, async (opened) => {
    const { models, networks, size } = opened
    if (drawn) {
      const codebook = hasCodebook(models, grid) ? await codebookOf(models, grid) : undefined
      return { tokens: codebook ? known(drawn, codebook.entries) : drawn, origin: 'drawn', ...codebook }
    }
    const codebook = await codebookOf(models, grid)
    const image = await preparedPicture(context.workspace, picture, size)
    const tokenizer =
      grid === 'codes'
        ? await networks.vqTokenizer(await models.open('vqgan'))
        : (await patchTokenizer(opened)).tokenizer
    const [found = refuse()] = await tokenizer.tokens([image])
    return { ...found, origin: 'encoded', ...codebook }
  })
}

export async function squarePicture(workspace: string, picture: PictureRef): Promise<Uint8Array> {
  return encodePng(await preparedPicture(workspace, picture, SHOWN_SIZE))
}

function opening<T>(
  { fields, networks }: PatchContext,
  picture: PictureRef,
  body: (opened: Opened) => Promise<T>,
): Promise<T> {
  const isDemo = picture.of === 'atlas' && askedOfAtlas(picture.atlas).source.kind === 'demo'
  return scope(async (keep: Keep) => {
    const models = keep(
      isDemo ? await openModels([demoFolder()]) : await openModels([fields.model], fields.choose),
    )
    const { provider } = await chooseDevice('auto')
    const size = models.has('vqgan') ? vqganConfig(await models.open('vqgan')).resolution : RELEASE_SIZE
    return body({ models, networks: runNetworks({ networks }, keep, provider), size })
  })
}

async function patchTokenizer({
  models,
  networks,
  size,
}: Opened): Promise<{ tokenizer: PatchTokenizer; layer: number }> {
  const [encoder, codebook] = [await models.open('encoder'), await models.open('codebook')]
  return { tokenizer: await networks.tokenizer(encoder, codebook, size), layer: encoder.layerFromEnd }
}

const hasCodebook = (models: OpenModels, grid: GridName) =>
  models.has(grid === 'codes' ? 'vqgan' : 'codebook')

async function codebookOf(models: OpenModels, grid: GridName) {
  if (grid === 'codes') {
    const vqgan = await models.open('vqgan')
    return { entries: vqganConfig(vqgan).codes, codebook: vqgan.file.sha256 }
  }
  const { codes, file } = await models.open('codebook')
  return { entries: codes, codebook: file.sha256 }
}

async function keptInAtlas(
  workspace: string,
  { atlas: id, image }: Extract<PictureRef, { of: 'atlas' }>,
): Promise<PictureTokens> {
  const folder = atlasFolder(workspace, id)
  const [atlas, record] = [await openAtlas(folder), await readAtlasRecord(folder)]
  refuseNumber(image, atlas.info.images, id)
  const found = await atlasImageTokens(folder, atlas, image)
  return { ...found, origin: 'atlas', entries: atlas.info.entries, codebook: record!.codebook.sha256 }
}

/** Undefined if the image has no such grid: it is then encoded from its pixels. */
async function tokensInFile(
  { workspace }: PatchContext,
  picture: Extract<PictureRef, { of: 'run' }>,
  grid: GridName,
): Promise<Int32Array | undefined> {
  const path = await pictureFile(workspace, picture)
  return textToRecord(await readStored(path), imageName(picture.image))[grid]?.tokens
}

function known(tokens: Int32Array, entries: number): Int32Array {
  const other = tokens.find((token) => token >= entries)
  if (other === undefined) return tokens
  throw new RequestError(
    `token ${other}: out of range for the open codebook (0 to ${entries - 1}); the image was made with other models`,
  )
}

async function preparedPicture(workspace: string, picture: PictureRef, size: number): Promise<RgbImage> {
  return readPicture(await pictureFile(workspace, picture), size)
}

/** Throws RequestError if there is no such picture. */
async function pictureFile(workspace: string, picture: PictureRef): Promise<string> {
  const path = await pathOf(workspace, picture)
  const isThere = await stat(path).then(
    (found) => found.isFile(),
    async () => (await findPacked(path)) !== undefined,
  )
  if (!isThere) throw new RequestError(`${pictureWords(picture)} not found`)
  return path
}

async function pathOf(workspace: string, picture: PictureRef): Promise<string> {
  switch (picture.of) {
    case 'run':
      return join(runFolder(workspace, picture.run), 'images', imageName(picture.image))
    case 'original': {
      const { spec } = await readRun(workspace, picture.run)
      const source = spec?.kind === 'reconstruct' ? spec.images[picture.image] : undefined
      if (source === undefined)
        throw new RequestError(`run '${picture.run}': picture ${picture.image} not found`)
      return sourcePath(runFolder(workspace, picture.run), source)
    }
    case 'atlas': {
      const atlas = await openAtlas(atlasFolder(workspace, picture.atlas)).catch(() => {
        throw new RequestError(`atlas '${picture.atlas}': not found or not finished`)
      })
      refuseNumber(picture.image, atlas.info.images, picture.atlas)
      const path = await atlas.imagePath(picture.image)
      if (path === undefined) throw new RequestError(`image ${picture.image} has no input picture`)
      return path
    }
    case 'picture':
      return keptPicturePath(workspace, picture.picture)
  }
}

function pictureWords(picture: PictureRef): string {
  if (picture.of === 'picture') return `picture '${picture.picture}'`
  return `image ${picture.image} of '${picture.of === 'atlas' ? picture.atlas : picture.run}'`
}

function refuseNumber(image: number, images: number, id: string): void {
  if (image >= images)
    throw new RequestError(`image ${image}: out of range (atlas '${id}' has 0 to ${images - 1})`)
}

function refuse(): never {
  throw new RequestError('the picture was not encoded')
}
