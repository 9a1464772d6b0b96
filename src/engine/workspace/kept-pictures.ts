// Pictures that were handed over for Regions -> files of the workspace: pictures/ID, and pictures/ID.json with the name.
import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { RequestError } from '../../shared/errors.ts'
import type { KeptPicture } from '../../shared/atlas/regions.ts'
import { makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { readJsonFile } from '../records/json-file.ts'

const ID_DIGITS = 16
const NAMED = /^([0-9a-f]{16})\.json$/

const folderOf = (workspace: string) => join(workspace, 'pictures')
export const keptPicturePath = (workspace: string, id: string): string => join(folderOf(workspace), id)

/** Writes the picture, then its name: one without a name was not written whole. */
export async function keepPicture(workspace: string, name: string, picture: Uint8Array): Promise<string> {
  const id = createHash('sha256').update(picture).digest('hex').slice(0, ID_DIGITS)
  await makeFolder(folderOf(workspace))
  await writeFileAtomic(keptPicturePath(workspace, id), picture)
  const record = JSON.stringify({ name, kept: new Date().toISOString() })
  await writeFileAtomic(`${keptPicturePath(workspace, id)}.json`, record + '\n')
  return id
}

/** Newest first; names that cannot be read leave the picture nameless, not out. */
export async function listKeptPictures(workspace: string): Promise<KeptPicture[]> {
  const files = await readdir(folderOf(workspace)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new RequestError(`cannot read the workspace's pictures: ${error.message}`, { cause: error })
  })
  const ids = files.flatMap((file) => NAMED.exec(file)?.[1] ?? [])
  const pictures = await Promise.all(ids.map((id) => keptPicture(workspace, id)))
  return pictures.sort((a, b) => (a.kept < b.kept ? 1 : -1))
}

export async function keptPicture(workspace: string, id: string): Promise<KeptPicture> {
  const file = `${keptPicturePath(workspace, id)}.json`
  const record = await readJsonFile(file, KeptSchema).catch(() => ({ name: id, kept: '' }))
  if (!record) throw new RequestError(`picture '${id}': not in the workspace`)
  return { id, ...record }
}
const KeptSchema = z.object({ name: z.string(), kept: z.string() })

export async function removeKeptPicture(workspace: string, id: string): Promise<void> {
  await rm(`${keptPicturePath(workspace, id)}.json`, { force: true })
  await rm(keptPicturePath(workspace, id), { force: true })
}
