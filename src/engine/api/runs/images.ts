// The part of the contract that reads images: of the workspace's runs, and of uploaded files.
import { join } from 'node:path'
import type { EngineApi, ImageDetails, ImageEntry } from '../../../shared/contract/api.ts'
import { RequestError } from '../../../shared/errors.ts'
import { readStored } from '../../bytes/index.ts'
import { textToRecord, type ImageRecord } from '../../records/image-record.ts'
import { sourcePng } from '../../inspect/source-pictures.ts'
import { imageName, readRun, runFolder } from '../../records/workspace.ts'
import type { KeptSpec } from '../../records/run-files.ts'

type ImageCalls = Pick<
  EngineApi,
  'listImages' | 'readImage' | 'readRecord' | 'readSource' | 'readPicture' | 'readTokens'
>

/** Files read at once: enough to hide the disk, few enough to leave handles for a current run. */
const FILES_AT_ONCE = 16

export function imageCalls(workspace: string): ImageCalls {
  const readPng = async (run: string, image: number): Promise<Uint8Array> => {
    const path = join(runFolder(workspace, run), 'images', imageName(image))
    try {
      return Uint8Array.from(await readStored(path))
    } catch (error) {
      throw new RequestError(`run '${run}': image ${image} not found`, { cause: error })
    }
  }
  const recordOf = async (run: string, image: number) =>
    textToRecord(await readPng(run, image), `${run}/${imageName(image)}`)

  return {
    async listImages(run) {
      const { images, spec } = await readRun(workspace, run)
      return images.map((image) => entryOf(image, spec))
    },
    readImage: readPng,
    readRecord: async (run, image) => ({ ...detailsOf(await recordOf(run, image)), image }),
    async readSource(run, image) {
      const { spec } = await readRun(workspace, run)
      if (spec?.kind !== 'reconstruct') throw new RequestError(`run '${run}': not made from pictures`)
      return sourcePng(runFolder(workspace, run), spec, image)
    },
    readPicture: async (name, picture) => detailsOf(textToRecord(picture, name)),
    async readTokens(run, images) {
      const found: Awaited<ReturnType<EngineApi['readTokens']>>[number][] = []
      for (let from = 0; from < images.length; from += FILES_AT_ONCE) {
        const batch = images.slice(from, from + FILES_AT_ONCE)
        const records = await Promise.all(batch.map((image) => recordOf(run, image).catch(() => undefined)))
        for (const [i, record] of records.entries())
          if (record)
            found.push({
              image: batch[i]!,
              codes: record.codes.tokens,
              ...(record.discriminative ? { discriminative: record.discriminative.tokens } : {}),
            })
      }
      return found
    },
  }
}

const entryOf = (image: number, spec: KeptSpec | undefined): ImageEntry =>
  spec?.kind === 'sample' && spec.classes.length > 0
    ? { image, class: spec.classes[image % spec.classes.length]! }
    : { image }

function detailsOf({
  image,
  class: label,
  discriminative,
  codes,
  scales,
  drifted,
  recipe,
}: ImageRecord): ImageDetails {
  return {
    image,
    ...(typeof label === 'number' ? { class: label } : {}),
    ...(discriminative ? { discriminative } : {}),
    codes,
    ...(scales ? { scales } : {}),
    ...(drifted ? { drifted } : {}),
    recipe,
  }
}
