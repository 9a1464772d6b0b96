// Folders of pictures that atlases can be made of: those in the workspace's list of image sets.
import { computed } from 'vue'
import { imageSets } from '../evaluate/measurements.ts'

/** A folder, with the id used to request an atlas of it. */
export interface PictureFolder {
  readonly set: string
  readonly name: string
  readonly images: number | undefined
  /** Why it cannot be read. */
  readonly problem: string | undefined
}

export const pictureFolders = computed((): readonly PictureFolder[] =>
  imageSets.value.flatMap(({ source, kind, name, images, problem }) =>
    source.kind === 'set' && kind === 'images' && !/\.npz$/i.test(name)
      ? [{ set: source.set, name, images, problem }]
      : [],
  ),
)
