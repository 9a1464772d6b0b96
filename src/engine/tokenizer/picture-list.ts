// Files and folders -> the pictures in them, in ImageFolder's order: classes by name, then files by name.
import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { compareCodePoints } from '../../shared/text/code-points.ts'
import { RequestError } from '../../shared/errors.ts'
import { findPacked, isPackName, packedNames } from '../bytes/index.ts'

const ENDINGS = new Set(['.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif', '.tiff', '.webp'])

export interface PictureList {
  readonly pictures: readonly string[]
  /** Class of each picture if a folder has subfolders: the rank of its name among all, as in ImageFolder. */
  readonly classes: readonly (number | undefined)[]
  /** Names of the classes by number, those of all folders; empty without subfolders. */
  readonly classNames: readonly string[]
}

/** Throws RequestError if a path is missing or there are no pictures. */
export async function listPictures(paths: readonly string[]): Promise<PictureList> {
  const pictures: string[] = []
  const names: (string | undefined)[] = []
  const folderNames = new Set<string>()
  const add = (path: string, name?: string) => {
    pictures.push(path)
    names.push(name)
  }
  for (const path of paths) {
    if (!(await isFolder(path))) {
      add(path)
      continue
    }
    const { files, folders } = await contents(path)
    for (const file of files) add(join(path, file))
    for (const folder of folders) {
      folderNames.add(folder)
      for (const file of await picturesBelow(join(path, folder))) add(file, folder)
    }
  }
  if (pictures.length === 0) throw new RequestError(`no images found in ${paths.join(', ')}`)
  const classNames = [...folderNames].sort(compareCodePoints)
  const ranks = new Map(classNames.map((name, rank) => [name, rank]))
  return {
    pictures,
    classes: names.map((name) => (name === undefined ? undefined : ranks.get(name))),
    classNames,
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    if (await findPacked(path)) return false
    throw new RequestError(`${path}: no such file or folder`)
  }
}

async function contents(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) =>
    compareCodePoints(a.name, b.name),
  )
  const visible = entries.filter(({ name }) => !name.startsWith('.'))
  const found = await Promise.all(visible.map((entry) => ledTo(folder, entry)))
  const named = (test: (name: string, entry: Kind) => boolean) =>
    visible.flatMap(({ name }, i) => (found[i] && test(name, found[i]) ? name : []))
  const isPicture = (name: string) => ENDINGS.has(extname(name).toLowerCase())
  const files = named((name, entry) => entry.isFile() && isPicture(name))
  const packs = named((name, entry) => entry.isFile() && isPackName(name))
  const packed = packs.length === 0 ? [] : (await packedNames(folder, packs)).filter(isPicture)
  return {
    files: packed.length === 0 ? files : [...new Set([...files, ...packed])].sort(compareCodePoints),
    folders: named((_, entry) => entry.isDirectory()),
  }
}

type Kind = Pick<Dirent, 'isFile' | 'isDirectory'>

/** Links are followed, as in ImageFolder; broken links and links to a parent folder are skipped. */
async function ledTo(folder: string, entry: Dirent): Promise<Kind | undefined> {
  if (!entry.isSymbolicLink()) return entry
  try {
    const path = join(folder, entry.name)
    const [target, from] = await Promise.all([realpath(path), realpath(folder)])
    return `${from}${sep}`.startsWith(`${target}${sep}`) ? undefined : await stat(path)
  } catch {
    return undefined
  }
}

async function picturesBelow(folder: string): Promise<string[]> {
  const { files, folders } = await contents(folder)
  const deeper = await Promise.all(folders.map((name) => picturesBelow(join(folder, name))))
  return [...files.map((file) => join(folder, file)), ...deeper.flat()]
}
