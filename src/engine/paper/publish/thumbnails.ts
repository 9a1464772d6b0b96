// Small pictures of images for a published page, each written once.
import { join } from 'node:path'
import type { ImagePlace } from '../../../shared/run/lineage.ts'
import { writeFileAtomic } from '../../bytes/index.ts'
import { decodeImage, encodePng, preprocess } from '../../images/index.ts'
import { imageName } from '../../records/workspace.ts'
import type { ImageFacts } from './image-facts.ts'

/** Side in pixels: sharp where it is shown on a fine screen. */
const THUMBNAIL = 128

export const placeKey = ({ run, image }: ImagePlace): string => `${run}#${image}`

export type Thumbnails = ReturnType<typeof thumbnailWriter>

/** Paths relative to the page. An image that cannot be read has none. */
export function thumbnailWriter({ folder, facts }: { readonly folder: string; readonly facts: ImageFacts }) {
  const written = new Map<string, Promise<string | undefined>>()
  const runs: string[] = []
  const write = async (path: string, file: string) => {
    const image = await decodeImage(path).catch(() => undefined)
    if (!image) return undefined
    await writeFileAtomic(join(folder, file), await encodePng(preprocess(image, THUMBNAIL)))
    return file
  }
  const once = (key: string, work: () => Promise<string | undefined>) => {
    const known = written.get(key) ?? work()
    written.set(key, known)
    return known
  }
  return {
    of: ({ run, image }: ImagePlace) =>
      once(placeKey({ run, image }), async () => {
        const found = facts.runs.get(run)
        if (!found?.images.includes(image)) return undefined
        if (!runs.includes(run)) runs.push(run)
        const path = join(found.folder, 'images', imageName(image))
        return write(path, `thumbs/${runs.indexOf(run) + 1}-${image}.png`)
      }),
    ofFile: async (key: string, path: string): Promise<string> =>
      (await once(`file ${key}`, () => write(path, `thumbs/file-${written.size + 1}.png`)))!,
  }
}
