// Compares the pictures of a folder with the rows of its token data set: what is left to do, and whether the folder
// changed.
import { stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { FormatError, RequestError } from '../../shared/errors.ts'
import { commonFolder } from '../graph/index.ts'
import { decodeImage, preprocess, type RgbImage } from '../images/index.ts'
import { fileToSha256 } from '../model-set/file-hash.ts'
import { fileStamp } from '../model-set/walk.ts'
import type { TokenRow } from '../tokens/dataset/rows.ts'
import { readTokenShards } from '../tokens/dataset/shards.ts'
import type { PictureList } from '../tokenizer/picture-list.ts'

/** The deepest folder that contains all these files and folders; for a single folder, the folder itself. */
export async function rootOf(paths: readonly string[]): Promise<string> {
  const inside = paths.map(async (path) =>
    (await stat(path)).isDirectory() ? join(resolve(path), 'file') : resolve(path),
  )
  return commonFolder(await Promise.all(inside))
}

/** A picture that is not in the data set yet. */
export interface PictureToDo {
  readonly file: string
  readonly row: TokenRow
}

/** Existing rows by path. Throws FormatError if a file of the data set is damaged. */
export async function rowsByPath(folder: string): Promise<ReadonlyMap<string, TokenRow>> {
  const rows = new Map<string, TokenRow>()
  for await (const shard of readTokenShards(folder, { grids: [] }))
    for (const row of shard) rows.set(row.path ?? '', row)
  return rows
}

/**
 * The pictures without a row. Throws RequestError if a picture with a row was deleted, changed, or moved to another
 * class: the data set would no longer match the folder.
 */
export async function picturesToDo(
  { pictures, classes }: PictureList,
  root: string,
  done: ReadonlyMap<string, TokenRow>,
  out: string,
): Promise<PictureToDo[]> {
  const todo: PictureToDo[] = []
  const changed = (path: string, problem: string) =>
    new RequestError(`${path}: ${problem} since it was tokenized to ${out}; choose another --out`)
  const listed = new Set<string>()
  for (const [i, file] of pictures.entries()) {
    const path = relative(root, file).split(sep).join('/')
    if (listed.has(path)) continue
    listed.add(path)
    const row = { path, ...(classes[i] === undefined ? {} : { class: classes[i] }) }
    const there = done.get(path)
    if (!there) {
      todo.push({ file, row })
      continue
    }
    if (there.class !== row.class) throw changed(file, 'class changed')
    if (there.stamp !== (await fileStamp(file)) && there.sha256 !== (await fileToSha256(file)))
      throw changed(file, 'file changed')
  }
  for (const path of done.keys()) if (!listed.has(path)) throw changed(join(root, path), 'file was deleted')
  return todo
}

/** Reads pictures as the release prepares them; unreadable ones are added to `unreadable`. */
export async function readBatch(
  batch: readonly PictureToDo[],
  size: number,
  unreadable: string[],
): Promise<{ row: TokenRow; image: RgbImage }[]> {
  const read: { row: TokenRow; image: RgbImage }[] = []
  for (const { file, row } of batch) {
    try {
      const image = preprocess(await decodeImage(file), size)
      read.push({ row: { ...row, sha256: await fileToSha256(file), stamp: await fileStamp(file) }, image })
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      unreadable.push(error.message)
    }
  }
  return read
}
