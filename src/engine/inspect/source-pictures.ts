// Uploaded pictures -> files in a run's folder, named by content hash, and such a file -> the input of the models.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import type { ReconstructSpec } from '../../shared/run/run.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { decodeImage, encodePng } from '../images/index.ts'
import { imageName, sourcePath } from '../records/workspace.ts'
import { readPicture } from '../tokenizer/tokenizer.ts'

/** Throws FormatError with the name of the first file that is not a picture. */
export async function checkPictures(
  names: readonly string[],
  pictures: readonly Uint8Array[],
): Promise<void> {
  for (const [i, picture] of pictures.entries()) await decodeImage(picture, names[i])
}

/** Stores the pictures in the run's folder and returns their paths. Names never become paths. */
export async function storePictures(folder: string, pictures: readonly Uint8Array[]): Promise<string[]> {
  await makeFolder(join(folder, 'sources'))
  const paths: string[] = []
  for (const picture of pictures) {
    const path = sourcePath(folder, createHash('sha256').update(picture).digest('hex'))
    await writeFileAtomic(path, picture)
    paths.push(path)
  }
  return paths
}

/** The picture that a finished image of a reconstruction was made from, at the image's size, as PNG. */
export async function sourcePng(folder: string, spec: ReconstructSpec, image: number): Promise<Uint8Array> {
  const source = spec.images[image]
  if (source === undefined)
    throw new RequestError(`image ${image}: no input picture (the run has ${spec.images.length})`)
  const { width } = await decodeImage(join(folder, 'images', imageName(image)), imageName(image))
  return encodePng(await readPicture(sourcePath(folder, source), width))
}
