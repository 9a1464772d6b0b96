// The part of the contract that reads pictures patch by patch: tokens, features, colours, and uploaded pictures.
import type { PatchFeatures, PictureRef, RegionsApi } from '../../../shared/atlas/regions.ts'
import { colourPatches } from '../../inspect/joint-colours.ts'
import type { Networks } from '../../devices/network-pool.ts'
import {
  pictureFeatures,
  pictureTokens,
  squarePicture,
  type PatchContext,
} from '../../inspect/patch-pictures.ts'
import { checkPictures } from '../../inspect/source-pictures.ts'
import { keepPicture, listKeptPictures, removeKeptPicture } from '../../workspace/kept-pictures.ts'
import { withoutFolders } from '../folders.ts'
import type { OpenModelSet } from '../models/models.ts'

export interface RegionsOptions {
  readonly workspace: string
  readonly modelsInUse: () => OpenModelSet
  readonly networks: Networks
}

/** Number of cached features, for new colours of the same pictures: 50 MB at width 768. */
const KEPT_FEATURES = 64

export function regionCalls({ workspace, modelsInUse, networks }: RegionsOptions): RegionsApi {
  /** By models and picture, least recently used first. */
  const kept = new Map<string, PatchFeatures>()

  /** Replaces paths in errors with names. */
  const told = async <T>(body: () => Promise<T>, folders: readonly string[] = []): Promise<T> => {
    try {
      return await body()
    } catch (error) {
      if (error instanceof Error) error.message = withoutFolders(error.message, [...folders, workspace])
      throw error
    }
  }
  const asking = async <T>(body: (context: PatchContext) => Promise<T>): Promise<T> => {
    const { fields, folders } = modelsInUse()
    return told(() => body({ workspace, fields, networks }), folders)
  }
  const features = async (pictures: readonly PictureRef[]): Promise<PatchFeatures[]> => {
    const models = [...modelsInUse().hashes].join()
    const keyOf = (picture: PictureRef) => JSON.stringify([models, picture])
    const missing = pictures.filter((picture) => !kept.has(keyOf(picture)))
    const found = missing.length > 0 ? await asking((context) => pictureFeatures(context, missing)) : []
    missing.forEach((picture, i) => kept.set(keyOf(picture), found[i]!))
    const all = pictures.map((picture) => kept.get(keyOf(picture))!)
    pictures.forEach((picture, i) => {
      kept.delete(keyOf(picture))
      kept.set(keyOf(picture), all[i]!)
    })
    for (const old of kept.keys()) if (kept.size > KEPT_FEATURES) kept.delete(old)
    return all
  }
  return {
    readPictureTokens: (picture, tokens, encode) =>
      asking((context) => pictureTokens(context, picture, tokens, encode)),
    readPatchFeatures: async (picture) => (await features([picture]))[0]!,
    readPatchColours: async (pictures, foreground) => colourPatches(await features(pictures), foreground),
    readSquarePicture: (picture) => told(() => squarePicture(workspace, picture)),
    async keepPicture(name, picture) {
      await checkPictures([name], [picture])
      return told(() => keepPicture(workspace, name, picture))
    },
    listPictures: () => told(() => listKeptPictures(workspace)),
    removePicture: (id) => told(() => removeKeptPicture(workspace, id)),
  }
}
