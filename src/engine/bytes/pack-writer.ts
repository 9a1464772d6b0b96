// Appends files to the packs of a folder. Each is on the disk before the next: its content and the end mark are written
// first, its header last, so that a pack is a whole archive at every moment, and a kill leaves at most the content of one
// file that no header names. It is cut off when the pack is opened again.
import { open, readdir, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { explainWrite, syncFolder } from './atomic-write.ts'
import { scanPack } from './packed-files.ts'
import { BLOCK, padded, readTarHeader, tarHeader } from './tar.ts'

/** A pack that has reached this is followed by another: it can be copied and moved in a minute. */
const PACK_BYTES = 2 ** 30
const END_MARK = 2 * BLOCK
/** More than the content of one file. */
const MAX_TAIL_BYTES = 2 ** 26

export interface PackWriter {
  /** Resolves when the file is on the disk. Throws RequestError if the disk is full or not writable. */
  append(name: string, content: Uint8Array): Promise<void>
  close(): Promise<void>
}

interface OpenPack {
  readonly path: string
  readonly file: FileHandle
  end: number
}

/**
 * The caller holds a lock on the packs of this suffix. The first pack is made with the first file.
 * @param suffix `-shard-3-of-8` for the packs of a shard, else empty
 */
export function packWriter(folder: string, suffix: string, packBytes = PACK_BYTES): PackWriter {
  let pack: OpenPack | undefined
  const next = async (size: number): Promise<OpenPack> => {
    if (pack && pack.end + size <= packBytes) return pack
    let number = pack ? numberOf(pack.path) + 1 : await lastNumber(folder, suffix)
    await pack?.file.close()
    pack = undefined
    while (!pack) pack = await openPack(join(folder, packName(suffix, number++)))
    return pack
  }
  return {
    async append(name, content) {
      const bytes = new Uint8Array(padded(content.length) + END_MARK)
      bytes.set(content)
      let path = folder
      try {
        let at = await next(bytes.length)
        // One of an earlier session may be full.
        if (at.end > 0 && at.end + bytes.length > packBytes) at = await next(Infinity)
        path = at.path
        await writeAll(at.file, bytes, at.end + BLOCK)
        await writeAll(at.file, tarHeader(name, content.length), at.end)
        await at.file.datasync()
        at.end += BLOCK + padded(content.length)
      } catch (error) {
        throw explainWrite(error, path)
      }
    },
    async close() {
      await pack?.file.close()
      pack = undefined
    },
  }
}

const packName = (suffix: string, number: number) => `images${suffix}-${String(number).padStart(4, '0')}.tar`
const numberOf = (path: string) => Number(/(\d+)\.tar$/.exec(path)![1])

/** Of the last pack; 0 if there is none. */
async function lastNumber(folder: string, suffix: string): Promise<number> {
  const own = new RegExp(`^images${suffix}-\\d{4,}\\.tar$`)
  return Math.max(0, ...(await readdir(folder)).filter((name) => own.test(name)).map(numberOf))
}

/**
 * Opens or makes a pack, and cuts off what a killed process left after its last file. Undefined for a pack in which more
 * follows: it is damaged, and left as it is.
 */
async function openPack(path: string): Promise<OpenPack | undefined> {
  const file = await open(path, 'r+').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    const made = await open(path, 'wx+')
    await syncFolder(dirname(path))
    return made
  })
  try {
    const end = await scanPack(file, path, 0, new Map())
    if (!(await isTail(file, end))) return void (await file.close())
    await file.truncate(end)
    return { path, file, end }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Whether no file follows. */
async function isTail(file: FileHandle, from: number): Promise<boolean> {
  const size = (await file.stat()).size - from
  if (size > MAX_TAIL_BYTES) return false
  const bytes = Buffer.alloc(size)
  await file.read(bytes, 0, size, from)
  // What was being written had no header yet.
  if (bytes.subarray(0, BLOCK).some((byte) => byte !== 0)) return false
  for (let at = BLOCK; at < size; at += BLOCK) if (readTarHeader(bytes.subarray(at, at + BLOCK))) return false
  return true
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
