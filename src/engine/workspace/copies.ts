// Files that arrive piece by piece -> a folder of the workspace's own:
//   models/NAME/...                      a finished copy of models, as it was dropped
//   images/NAME/...                      the same of images
//   models/.incoming/COPY/copy.json      the copy in progress: the list of files
//   models/.incoming/COPY/0, 1, ...      the copied part of each, so that copying the same files resumes
import { createHash } from 'node:crypto'
import { open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import {
  CopiedFilesSchema,
  COPY_PURPOSES,
  IMAGE_ENDINGS,
  type CopiedFile,
  type CopyPurpose,
  type CopyState,
} from '../../shared/contract/copied-files.ts'
import { RequestError } from '../../shared/errors.ts'
import { MODEL_ENDINGS } from '../../shared/models/models.ts'
import { makeFolder, subfolders, writeFileAtomic } from '../bytes/index.ts'
import { readJsonFile } from '../records/json-file.ts'

/** Left free on the disk for runs. */
const SPARE_BYTES = 64 * 2 ** 20
/** A copy that got no piece for so long keeps no space from others. */
const IN_PROGRESS_MS = 10 * 60_000
/** What nobody went on with for so long is removed. */
const STALE_MS = 7 * 24 * 3600_000

export interface Copies {
  /** Throws RequestError if the disk has too little space, or two files have the same name. */
  start(files: readonly CopiedFile[], purpose?: CopyPurpose): Promise<CopyState>
  /** Throws RequestError for a chunk that does not start where the file ends, or exceeds its size. */
  add(copy: string, file: number, offset: number, piece: Uint8Array): Promise<void>
  /** Path of the folder that now holds the files; of a batch of images that came alone, of the file. */
  finish(copy: string): Promise<string>
  abandon(copy: string): Promise<void>
  /** Deletes a finished copy by its path. */
  remove(path: string): Promise<void>
  /** Finished copies: paths and disk usage. */
  list(): Promise<readonly { readonly path: string; readonly bytes: number }[]>
}

/** `copy.json`. */
interface CopyRecord {
  readonly purpose: CopyPurpose
  readonly files: readonly CopiedFile[]
}

const CopyRecordSchema = z.object({ purpose: z.enum(COPY_PURPOSES), files: CopiedFilesSchema })

const ENDINGS: Readonly<Record<CopyPurpose, RegExp>> = { models: MODEL_ENDINGS, images: IMAGE_ENDINGS }

/** `freeBytes` returns the free space on a folder's disk. */
export function openCopies(workspace: string, freeBytes = roomOf): Copies {
  const models = join(workspace, 'models')
  const incoming = join(models, '.incoming')
  const partOf = (copy: string, file: number) => join(incoming, copy, String(file))
  /** Pieces of one file are written one after another, whatever order their calls end in. */
  const writing = new Map<string, Promise<void>>()

  const recordOf = async (copy: string): Promise<CopyRecord> => {
    const path = join(incoming, copy, 'copy.json')
    const record = await readJsonFile(path, CopyRecordSchema).catch(() => undefined)
    if (!record) throw new RequestError(`copy '${copy}' not found; start it again`)
    return record
  }
  const write = async (copy: string, file: number, offset: number, piece: Uint8Array) => {
    const wanted = (await recordOf(copy)).files[file]
    if (!wanted) throw new RequestError(`copy '${copy}': file ${file} not found`)
    const path = partOf(copy, file)
    const there = await sizeOf(path)
    if (offset !== there)
      throw new RequestError(`${nameOf(wanted)}: unexpected chunk (found byte ${offset}, expected ${there})`)
    if (offset + piece.length > wanted.bytes)
      throw new RequestError(`${nameOf(wanted)}: larger than announced (expected ${wanted.bytes} bytes)`)
    const handle = await open(path, 'a')
    try {
      await handle.writeFile(piece)
    } catch (error) {
      throw new RequestError(`${nameOf(wanted)}: ${(error as Error).message}`, { cause: error })
    } finally {
      await handle.close()
    }
  }
  const start = async (files: readonly CopiedFile[], purpose: CopyPurpose): Promise<CopyState> => {
    const names = files.map((file) => nameOf(file).toLowerCase())
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) throw new RequestError(`${twice}: two files with the same name`)
    const refused = files.find((file) => !ENDINGS[purpose].test(nameOf(file)))
    if (refused) throw new RequestError(`${nameOf(refused)}: unsupported file type for ${purpose}`)
    const record: CopyRecord = { purpose, files }
    const copy = createHash('sha256').update(JSON.stringify(record)).digest('hex').slice(0, 32)
    await removeStale(incoming)
    await makeFolder(join(incoming, copy))
    const have = await Promise.all(files.map((_, file) => sizeOf(partOf(copy, file))))
    const missing = files.reduce((sum, { bytes }, file) => sum + bytes - have[file]!, 0)
    const [free, others] = [await freeBytes(incoming), await promised(incoming, copy)]
    if (missing + others + SPARE_BYTES > free)
      throw new RequestError(
        `not enough disk space for the workspace (${gigabytes(free)} free, ${gigabytes(missing)} needed` +
          `${others > 0 ? ` beside ${gigabytes(others)} for other copies in progress` : ''})`,
      )
    await writeFileAtomic(join(incoming, copy, 'copy.json'), JSON.stringify(record))
    return { copy, have }
  }
  /** One after another: each counts what those before it will write. */
  let starting: Promise<unknown> = Promise.resolve()
  return {
    start(files, purpose = 'models') {
      const started = starting.catch(() => {}).then(() => start(files, purpose))
      starting = started
      return started
    },
    add(copy, file, offset, piece) {
      const key = partOf(copy, file)
      const before = writing.get(key) ?? Promise.resolve()
      const written = before.catch(() => {}).then(() => write(copy, file, offset, piece))
      writing.set(key, written)
      const done = () => void (writing.get(key) === written && writing.delete(key))
      written.then(done, done)
      return written
    },
    async finish(copy) {
      const { purpose, files } = await recordOf(copy)
      const kept = join(workspace, purpose)
      await makeFolder(kept)
      const tree = join(incoming, copy, 'tree')
      for (const [i, file] of files.entries()) {
        const path = join(tree, ...file.path)
        const moved = await sizeOf(path)
        if (moved === file.bytes && file.bytes > 0) continue
        const there = await sizeOf(partOf(copy, i))
        if (there !== file.bytes)
          throw new RequestError(`${nameOf(file)}: incomplete (found ${there} of ${file.bytes} bytes)`)
        await makeFolder(dirname(path))
        await settle(partOf(copy, i))
        await rename(partOf(copy, i), path)
      }
      // A folder that was dropped alone keeps its name; anything else gets the name of its first file.
      const tops = new Set(files.map(({ path }) => path[0]!))
      const [top] = tops
      const isFolder = tops.size === 1 && files.every(({ path }) => path.length > 1)
      const name = (isFolder ? top! : top!.replace(/\.[^.]+$/, '')).replace(/^\.+/, '')
      const folder = await freeName(kept, name || purpose)
      await rename(isFolder ? join(tree, top!) : tree, folder)
      await rm(join(incoming, copy), { recursive: true, force: true })
      const isBatch = purpose === 'images' && files.length === 1 && !isFolder && /\.npz$/i.test(top!)
      return isBatch ? join(folder, top!) : folder
    },
    abandon: (copy) => rm(join(incoming, copy), { recursive: true, force: true }),
    async remove(place) {
      // A single batch gets a folder of its own.
      const path = /\.npz$/i.test(place) ? dirname(place) : place
      if (![models, join(workspace, 'images')].includes(dirname(path)))
        throw new RequestError(`${path}: not a copy in the workspace`)
      await rm(path, { recursive: true, force: true })
    },
    async list() {
      const folders = (await subfolders(models).catch(() => [])).filter((name) => !name.startsWith('.'))
      return Promise.all(
        folders.map(async (name) => ({
          path: join(models, name),
          bytes: await bytesIn(join(models, name)),
        })),
      )
    },
  }
}

const nameOf = ({ path }: CopiedFile) => path.join('/')
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

async function roomOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Flushes a finished file to disk; an empty file had no chunk and is created now. */
async function settle(path: string): Promise<void> {
  const handle = await open(path, 'a')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** `NAME`, or `NAME 2`, whichever is not there yet. */
async function freeName(folder: string, name: string): Promise<string> {
  const taken = new Set((await readdir(folder)).map((entry) => entry.toLowerCase()))
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name} ${number}`
    if (!taken.has(free.toLowerCase())) return join(folder, free)
  }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => sizeOf(join(parentPath, name))),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Bytes that other copies in progress will still write. */
async function promised(incoming: string, copy: string): Promise<number> {
  let sum = 0
  for (const other of await readdir(incoming).catch(() => [])) {
    const folder = join(incoming, other)
    const record = await readJsonFile(join(folder, 'copy.json'), CopyRecordSchema).catch(() => undefined)
    if (other === copy || !record) continue
    const parts = await Promise.all(
      ['copy.json', ...record.files.keys()].map((name) =>
        stat(join(folder, String(name))).catch(() => undefined),
      ),
    )
    const last = Math.max(...parts.map((part) => part?.mtimeMs ?? 0))
    if (Date.now() - last > IN_PROGRESS_MS) continue
    record.files.forEach(({ bytes }, i) => (sum += Math.max(0, bytes - (parts[i + 1]?.size ?? 0))))
  }
  return sum
}

async function removeStale(incoming: string): Promise<void> {
  for (const name of await readdir(incoming).catch(() => [])) {
    const { mtimeMs } = await stat(join(incoming, name)).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > STALE_MS) await rm(join(incoming, name), { recursive: true, force: true })
  }
}
