// Paths given by the user -> the files that may be models, in a stable order.
import { opendir, realpath, stat } from 'node:fs/promises'
import type { BigIntStats, Dirent } from 'node:fs'
import { join, resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { MODEL_ENDINGS } from '../../shared/models/models.ts'
import { findPacked } from '../bytes/index.ts'

export interface FoundFile {
  /** Absolute; a link keeps its own name. */
  readonly path: string
  readonly size: number
  /** `fileStamp` of the file. */
  readonly stamp: string
  /** True if given by path, not found in a folder. */
  readonly named: boolean
}

export interface Walk {
  readonly files: readonly FoundFile[]
  /** Real path of each file -> its path in the scan. */
  readonly found: ReadonlyMap<string, string>
  /** Folders that were not scanned, and why. */
  readonly notes: readonly string[]
}

/** The layout of the model card has four levels. */
export const MAX_DEPTH = 10
/** Entries scanned, level by level, so that a training set in a deeper folder cannot hide the models. */
export const MAX_ENTRIES = 200_000
const SKIPPED = new Set(['node_modules', '__pycache__'])

interface Level {
  readonly depth: number
  readonly paths: readonly string[]
}

/**
 * Changes when the file changes: inode, size, and two times in nanoseconds. `touch -r` restores the time of the content,
 * not that of the inode. Of a packed file: its place, and the same of the pack.
 */
export async function fileStamp(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(async (error: unknown) => {
    const packed = await findPacked(path)
    if (packed) return packed
    throw error
  })
  return 'pack' in found
    ? `${found.start}@${stampOf(await stat(found.pack, { bigint: true }))}`
    : stampOf(found)
}
const stampOf = ({ ino, size, mtimeNs, ctimeNs }: BigIntStats) => [ino, size, mtimeNs, ctimeNs].join('-')
/** Whether two stamps differ at most in the time of the last change of names and rights. */
export const sameButForNames = (a: string, b: string): boolean =>
  a.slice(0, a.lastIndexOf('-')) === b.slice(0, b.lastIndexOf('-'))

/** Walks folders level by level; follows links, and lists a folder or file only once. */
export async function walk(paths: readonly string[], { maxEntries = MAX_ENTRIES } = {}): Promise<Walk> {
  const files: FoundFile[] = []
  const notes: string[] = []
  const folders = new Set<string>()
  const found = new Map<string, string>()
  let entries = 0

  const visit = async (path: string, named: boolean): Promise<string[]> => {
    const real = await realpath(path)
    const info = await stat(real, { bigint: true })
    if (info.isDirectory()) {
      if (folders.has(real)) return []
      folders.add(real)
      return [path]
    }
    if (!info.isFile() && named) throw new RequestError(`${path}: not a file or folder`)
    // A link without the file extension of a model does not hide another link to the same file.
    if (!info.isFile() || found.has(real) || !(named || MODEL_ENDINGS.test(path))) return []
    found.set(real, path)
    files.push({ path, size: Number(info.size), stamp: stampOf(info), named })
    return []
  }

  const list = async (folder: string): Promise<string[]> => {
    const children: string[] = []
    try {
      for await (const entry of await opendir(folder, { bufferSize: 512 })) {
        if (++entries > maxEntries) break
        if (worthALook(entry)) children.push(join(folder, entry.name))
      }
    } catch (error) {
      notes.push(`${folder}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
    }
    return children.sort()
  }

  let level: Level = { depth: 0, paths: await namedFolders(paths, visit) }
  while (level.paths.length > 0) {
    if (level.depth >= MAX_DEPTH) {
      notes.push(`${level.paths[0]}: skipped, nested deeper than ${MAX_DEPTH} folders`)
      break
    }
    const next: string[] = []
    for (const folder of level.paths) {
      for (const child of await list(folder))
        next.push(...(await visit(child, false).catch(() => brokenLink(child, notes))))
      if (entries > maxEntries) {
        notes.push(
          `${folder}: stopped after ${maxEntries} entries; choose a smaller folder, or the files themselves`,
        )
        return { files, found, notes }
      }
    }
    level = { depth: level.depth + 1, paths: next }
  }
  return { files, found, notes }
}

async function namedFolders(
  paths: readonly string[],
  visit: (path: string, named: boolean) => Promise<string[]>,
): Promise<string[]> {
  const folders: string[] = []
  for (const path of paths) {
    try {
      folders.push(...(await visit(resolve(path), true)))
    } catch (error) {
      if (error instanceof RequestError) throw error
      const { code } = error as NodeJS.ErrnoException
      throw new RequestError(
        code === 'ENOENT' ? `${path}: no such file or folder` : `${path}: cannot be read (${code})`,
      )
    }
  }
  return folders
}

/** Avoids a system call for each picture of a training set. */
function worthALook(entry: Dirent): boolean {
  if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return false
  return entry.isDirectory() || entry.isSymbolicLink() || (entry.isFile() && MODEL_ENDINGS.test(entry.name))
}

function brokenLink(path: string, notes: string[]): string[] {
  notes.push(`${path}: broken link`)
  return []
}
