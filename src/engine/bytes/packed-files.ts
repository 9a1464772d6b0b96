// Files of a folder that are stored in packs, tar archives in the same folder: `FOLDER/000001.png` is read from
// `FOLDER/images-0000.tar` if there is no such file. A folder of a million small files is slow on every disk.
//   images-0000.tar, images-0001.tar ...      packs of one writer, in order
//   images-shard-3-of-8-0000.tar ...          those of a shard
// Any program for tar unpacks them into the files that would be there without packs.
import { open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { BLOCK, padded, readTarHeader, tarHeader } from './tar.ts'

/** Archives of other names are left alone: the archive that a data set came in may be in its folder. */
const PACK_NAME = /^images(-shard-\d+-of-\d+)?-\d{4,}\.tar$/
export const isPackName = (name: string): boolean => PACK_NAME.test(name)

/** Where the content of a packed file is. */
export interface PackedFile {
  readonly pack: string
  /** Of its header. */
  readonly start: number
  readonly size: number
}

/** What is known of a pack; one that has grown is read on from `end`. */
interface Known {
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
  readonly end: number
  readonly files: Map<string, PackedFile>
}

/** Packs by folder and name, for folders read last. */
const known = new Map<string, Map<string, Known>>()
const FOLDERS_KEPT = 64

/** Names of the files in the packs of a folder, in no order; none if the folder has no packs. */
export async function packedNames(folder: string, names?: readonly string[]): Promise<string[]> {
  const packs = await refresh(folder, names)
  return [...packs.values()].flatMap(({ files }) => [...files.keys()])
}

/** Undefined if no pack of its folder has it. */
export async function findPacked(path: string): Promise<PackedFile | undefined> {
  return foundIn(known.get(dirname(path)), path) ?? foundIn(await refresh(dirname(path)), path)
}

function foundIn(packs: ReadonlyMap<string, Known> | undefined, path: string): PackedFile | undefined {
  for (const { files } of packs?.values() ?? []) {
    const found = files.get(basename(path))
    if (found) return found
  }
  return undefined
}

/** A file, or one of a pack. Rejects as `readFile` does if there is neither. */
export async function readStored(path: string): Promise<Buffer> {
  const first = foundIn(known.get(dirname(path)), path)
  const bytes = first && (await readPacked(first, basename(path)))
  if (bytes) return bytes
  try {
    return await readFile(path)
  } catch (error) {
    // Another process may have added it to a pack.
    const found = foundIn(await refresh(dirname(path)), path)
    const bytes = found && (await readPacked(found, basename(path)))
    if (bytes) return bytes
    throw error
  }
}

/** Undefined if the pack has another file there by now. */
async function readPacked({ pack, start, size }: PackedFile, name: string): Promise<Buffer | undefined> {
  const file = await open(pack).catch(() => undefined)
  if (!file) return undefined
  try {
    const bytes = Buffer.alloc(BLOCK + size)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
    const header = readTarHeader(bytes.subarray(0, BLOCK))
    return bytesRead === bytes.length && header?.name === name && header.size === size
      ? bytes.subarray(BLOCK)
      : undefined
  } finally {
    await file.close()
  }
}

/** Gives a file of a pack another name, in its place. Throws RangeError if no pack has it. */
export async function renamePacked(path: string, name: string): Promise<void> {
  const found = await findPacked(path)
  if (!found) throw new RangeError(`${path}: not in a pack`)
  const file = await open(found.pack, 'r+')
  try {
    await file.write(tarHeader(name, found.size), 0, BLOCK, found.start)
    await file.datasync()
  } finally {
    await file.close()
    known.delete(dirname(path))
  }
}

/** @param names of the folder, if they are known */
async function refresh(folder: string, names?: readonly string[]): Promise<ReadonlyMap<string, Known>> {
  const packNames = (names ?? (await readdir(folder).catch(() => []))).filter(isPackName).sort()
  const before = known.get(folder)
  const packs = new Map<string, Known>()
  for (const name of packNames) {
    const pack = await readPack(join(folder, name), before?.get(name))
    if (pack) packs.set(name, pack)
  }
  known.delete(folder)
  if (packs.size > 0) known.set(folder, packs)
  for (const oldest of known.keys()) {
    if (known.size <= FOLDERS_KEPT) break
    known.delete(oldest)
  }
  return packs
}

async function readPack(pack: string, before: Known | undefined): Promise<Known | undefined> {
  const found = await stat(pack).catch(() => undefined)
  if (!found?.isFile()) return undefined
  const { ino, size, mtimeMs } = found
  if (before?.ino === ino && before.size === size && before.mtimeMs === mtimeMs) return before
  const hasGrown = before?.ino === ino && before.size < size
  const files = hasGrown ? before.files : new Map<string, PackedFile>()
  const file = await open(pack)
  try {
    const end = await scanPack(file, pack, hasGrown ? before.end : 0, files)
    return { ino, size, mtimeMs, end, files }
  } finally {
    await file.close()
  }
}

/**
 * Adds the whole files from `start` on to `files`.
 * @returns where the next one would start: what follows is the end mark, or a file that was being written
 */
export async function scanPack(
  file: FileHandle,
  pack: string,
  start: number,
  files: Map<string, PackedFile>,
): Promise<number> {
  const { size: total } = await file.stat()
  const block = new Uint8Array(BLOCK)
  for (let at = start; ;) {
    const { bytesRead } = await file.read(block, 0, BLOCK, at)
    const header = bytesRead === BLOCK ? readTarHeader(block) : undefined
    if (!header || at + BLOCK + header.size > total) return at
    if (header.isFile) files.set(header.name, { pack, start: at, size: header.size })
    at += BLOCK + padded(header.size)
  }
}
