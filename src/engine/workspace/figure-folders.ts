// The workspace folder -> the figures in it. Files are the record:
//   figures/ID/figure.json    the figure
//   figures/ID/pictures/NAME  pictures that were put beside it
//   figures/ID/ID.pdf ...     what was exported last
//   trash/.figures/ID         figures that were taken out
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConflictError, RequestError } from '../../shared/errors.ts'
import { FigureIdSchema } from '../../shared/run/exports.ts'
import type { FigureText } from '../../shared/figures/figures.ts'
import { explainWrite, makeFolder, writeFileAtomic } from '../bytes/index.ts'
import { editLocked } from '../records/edit-lock.ts'

const FILE = 'figure.json'
const PICTURES = 'pictures'

/** Throws RequestError if it is not a figure id. */
export function figureFolder(workspace: string, id: string): string {
  if (!FigureIdSchema.safeParse(id).success) throw new RequestError(`'${id}': not a valid figure name`)
  return join(workspace, 'figures', id)
}
export const figurePath = (workspace: string, id: string): string => join(figureFolder(workspace, id), FILE)

/** Ids and times of their last change, ISO, the last changed first. */
export async function findFigures(workspace: string): Promise<{ id: string; changed: string }[]> {
  const names = await readdir(join(workspace, 'figures')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new RequestError(`cannot read the workspace: ${error.message}`, { cause: error })
  })
  const found: { id: string; changed: string }[] = []
  for (const id of names) {
    if (!FigureIdSchema.safeParse(id).success) continue
    const file = await stat(figurePath(workspace, id)).catch(() => undefined)
    if (file?.isFile()) found.push({ id, changed: file.mtime.toISOString() })
  }
  return found.sort((a, b) => (a.changed < b.changed ? 1 : -1))
}

/** Runs changes of figures one after another, so that the data a change has read stays current until it writes. */
async function editFigures<T>(workspace: string, edit: () => Promise<T>): Promise<T> {
  const folder = join(workspace, 'figures')
  await makeFolder(folder)
  return editLocked(join(folder, '.lock'), edit)
}

const revisionOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export async function readFigureText(workspace: string, id: string): Promise<FigureText> {
  const path = figurePath(workspace, id)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new RequestError(`figure '${id}' not found`)
    throw new RequestError(`figure '${id}': cannot be read (${error.message})`)
  })
  return { text, revision: revisionOf(text) }
}

/** Throws ConflictError if the file has changed since it was read. */
export function saveFigureText(
  workspace: string,
  id: string,
  text: string,
  revision: string,
): Promise<FigureText> {
  return editFigures(workspace, async () => {
    const now = await readFigureText(workspace, id)
    if (now.revision !== revision && now.text !== text)
      throw new ConflictError(`${id}/${FILE}: changed by someone else since it was opened`)
    if (now.text !== text) await writeFileAtomic(figurePath(workspace, id), text)
    return { text, revision: revisionOf(text) }
  })
}

/** A folder of this name, or the next that is free. */
async function newFolder(workspace: string, name: string): Promise<string> {
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? '' : `-${n}`
    const id = `${name.slice(0, 64 - suffix.length)}${suffix}`
    try {
      await mkdir(figureFolder(workspace, id))
      return id
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw explainWrite(error, figureFolder(workspace, id))
    }
  }
}

export function createFigure(workspace: string, name: string, text: string): Promise<string> {
  return editFigures(workspace, async () => {
    const id = await newFolder(workspace, name)
    await writeFileAtomic(figurePath(workspace, id), text)
    return id
  })
}

export function copyFigure(workspace: string, from: string): Promise<string> {
  return editFigures(workspace, async () => {
    const { text } = await readFigureText(workspace, from)
    const id = await newFolder(workspace, from)
    const pictures = join(figureFolder(workspace, from), PICTURES)
    if (await stat(pictures).catch(() => undefined))
      await cp(pictures, join(figureFolder(workspace, id), PICTURES), { recursive: true })
    await writeFileAtomic(figurePath(workspace, id), text)
    return id
  })
}

export function renameFigure(workspace: string, id: string, name: string): Promise<void> {
  return editFigures(workspace, async () => {
    await readFigureText(workspace, id)
    await move(figureFolder(workspace, id), figureFolder(workspace, name), `figure '${name}'`)
  })
}

const trashed = (workspace: string, id: string): string => {
  figureFolder(workspace, id)
  return join(workspace, 'trash', '.figures', id)
}

/** One of the same name that was taken out before moves aside, and stays. */
export function trashFigure(workspace: string, id: string): Promise<void> {
  return editFigures(workspace, async () => {
    await readFigureText(workspace, id)
    const to = trashed(workspace, id)
    await makeFolder(join(to, '..'))
    if (await stat(to).catch(() => undefined)) await rename(to, `${to}.${Date.now()}`)
    await move(figureFolder(workspace, id), to, `'${id}' in the trash`)
  })
}

export function untrashFigure(workspace: string, id: string): Promise<void> {
  return editFigures(workspace, () =>
    move(trashed(workspace, id), figureFolder(workspace, id), `figure '${id}'`),
  )
}

async function move(from: string, to: string, what: string): Promise<void> {
  if (await stat(to).catch(() => undefined)) throw new ConflictError(`${what} already exists`)
  await makeFolder(join(to, '..'))
  await rename(from, to).catch((error: Error) => {
    throw new RequestError(`cannot move the figure's folder: ${error.message}`, { cause: error })
  })
}

/** Stores a picture next to the figure and returns its relative path; identical bytes are stored once. */
export function addPicture(
  workspace: string,
  id: string,
  name: string,
  picture: Uint8Array,
): Promise<string> {
  return editFigures(workspace, () => storePicture(workspace, id, name, picture))
}

async function storePicture(
  workspace: string,
  id: string,
  name: string,
  picture: Uint8Array,
): Promise<string> {
  await readFigureText(workspace, id)
  const folder = join(figureFolder(workspace, id), PICTURES)
  await makeFolder(folder)
  const [, stem = 'picture', ending = ''] = /^(.*?)(\.[A-Za-z0-9]{1,5})?$/.exec(
    name.replaceAll(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'picture',
  )!
  for (let n = 1; ; n++) {
    const file = `${stem.slice(0, 60) || 'picture'}${n === 1 ? '' : `-${n}`}${ending}`
    const there = await readFile(join(folder, file)).catch(() => undefined)
    if (!there) await writeFileAtomic(join(folder, file), picture)
    if (!there || Buffer.compare(there, picture) === 0) return `${PICTURES}/${file}`
  }
}
