// Where exports are in the workspace, their contents, and how to save them elsewhere.
//   figures/ID               a figure's outputs, beside its figure.json; ID.zip is all of them
//   exports/FIGURE-published a figure that opens in a browser, with where each image comes from; ...zip is all of it
//   exports/RUN-FORM         a run in a form that others read; exports/RUN-FORM.zip is all of it
import { cp, open, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ConflictError, RequestError } from '../../shared/errors.ts'
import { EXPORT_PIECE_BYTES, type ExportedFile, type ExportTarget } from '../../shared/run/exports.ts'
import { isTemporaryName, makeFolder, writeZipFiles, type ZippedFile } from '../bytes/index.ts'
import { figureFolder } from './figure-folders.ts'
import { runFolder } from '../records/workspace.ts'

/** Files listed one by one; of more, the archive alone is offered. */
const MAX_LISTED = 60

export function exportFolder(workspace: string, target: ExportTarget): string {
  if (target.kind === 'figure') return figureFolder(workspace, target.figure)
  if (target.kind === 'published')
    return join(workspace, 'exports', `${basename(figureFolder(workspace, target.figure))}-published`)
  return join(workspace, 'exports', `${basename(runFolder(workspace, target.run))}-${target.as}`)
}

const zipPath = (workspace: string, target: ExportTarget): string => {
  const folder = exportFolder(workspace, target)
  return target.kind === 'figure' ? join(folder, `${target.figure}.zip`) : `${folder}.zip`
}

/** Endings that `makeFigure` gives to its outputs; any other file in a figure's folder belongs to the user. */
const FIGURE_ENDING = /^(-\d+)?\.(pdf|svg|png|tex|bib|txt|csv|pgfplots\.tex|tabular\.tex|figure\.json)$/

/** Names that an export made in its folder, without the archive; `scale_2` before `scale_10`. */
async function outputsIn(workspace: string, target: ExportTarget): Promise<string[]> {
  const names = await readdir(exportFolder(workspace, target)).catch(() => [])
  const isOutput = (name: string) =>
    target.kind !== 'figure' ||
    (name.startsWith(target.figure) && FIGURE_ENDING.test(name.slice(target.figure.length)))
  return names
    .filter((name) => isOutput(name) && !isTemporaryName(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** Files that can be downloaded one by one, the archive last. */
export async function exportedFiles(workspace: string, target: ExportTarget): Promise<ExportedFile[]> {
  const folder = exportFolder(workspace, target)
  const paths = (await outputsIn(workspace, target)).map((name) => join(folder, name))
  const found = [...(paths.length > MAX_LISTED ? [] : paths), zipPath(workspace, target)]
  const files = await Promise.all(
    found.map(async (path) => ({ path, file: await stat(path).catch(() => undefined) })),
  )
  return files.flatMap(({ path, file }) =>
    file?.isFile() ? [{ name: basename(path), bytes: file.size }] : [],
  )
}

/** Time of the oldest output; undefined if there is none. */
export async function exportedAt(workspace: string, target: ExportTarget): Promise<number | undefined> {
  const names = await outputsIn(workspace, target)
  const times = await Promise.all(
    names.map(async (name) => (await stat(join(exportFolder(workspace, target), name))).mtimeMs),
  )
  return times.length > 0 ? Math.min(...times) : undefined
}

/** Throws ConflictError that says how many files of an earlier export there are. */
export async function refuseEarlier(workspace: string, target: ExportTarget): Promise<void> {
  const names = await outputsIn(workspace, target)
  if (target.kind === 'published' && names.length > 0)
    throw new ConflictError('A published folder of this figure already exists')
  if (names.length > 0)
    throw new ConflictError(
      `${names.length === 1 ? names[0]! : `${names.length} files`} of an earlier export already ${names.length === 1 ? 'exists' : 'exist'}`,
    )
}

/**
 * Before a new one: an earlier export of a run goes as a whole, so that none of its files stays among the new. A published
 * figure replaces the earlier one only when it is complete.
 */
export async function clearEarlier(workspace: string, target: ExportTarget): Promise<void> {
  await rm(zipPath(workspace, target), { force: true })
  if (target.kind === 'run') await rm(exportFolder(workspace, target), { recursive: true, force: true })
}

/** After a new one: outputs of an earlier export of a figure that this one has not replaced. */
export async function clearLeft(
  workspace: string,
  target: ExportTarget,
  written: readonly string[],
): Promise<void> {
  const kept = new Set(written.map((path) => basename(path)))
  for (const name of await outputsIn(workspace, target))
    if (!kept.has(name)) await rm(join(exportFolder(workspace, target), name), { force: true })
}

export async function zipExport(
  workspace: string,
  target: ExportTarget,
  callbacks: { readonly signal: AbortSignal; progress(step: number, of: number, note: string): void },
): Promise<void> {
  const folder = exportFolder(workspace, target)
  const root = basename(folder)
  const files: ZippedFile[] = []
  for (const name of await outputsIn(workspace, target)) {
    const inside = (await stat(join(folder, name))).isDirectory()
      ? await readdir(join(folder, name))
      : undefined
    for (const file of inside?.sort().map((child) => `${name}/${child}`) ?? [name])
      files.push({ name: `${root}/${file}`, path: join(folder, file) })
  }
  const progress = (step: number) => callbacks.progress(step, files.length, 'packing')
  await writeZipFiles(zipPath(workspace, target), files, { signal: callbacks.signal, progress })
}

/** Throws RequestError for a name that the export does not list. */
export async function exportPiece(
  workspace: string,
  target: ExportTarget,
  name: string,
  offset: number,
): Promise<Uint8Array> {
  const zip = zipPath(workspace, target)
  const listed = await exportedFiles(workspace, target)
  if (!listed.some((file) => file.name === name)) throw new RequestError(`exported file '${name}' not found`)
  const file = await open(name === basename(zip) ? zip : join(exportFolder(workspace, target), name))
  try {
    const piece = new Uint8Array(EXPORT_PIECE_BYTES)
    const { bytesRead } = await file.read(piece, 0, piece.length, offset)
    return piece.slice(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Copies an export to a folder, under its own name. Throws ConflictError if that name exists there. */
export async function copyExportTo(
  workspace: string,
  target: ExportTarget,
  into: string,
  replace: boolean,
): Promise<string> {
  const from = exportFolder(workspace, target)
  const names = await outputsIn(workspace, target)
  if (names.length === 0) throw new RequestError('nothing has been exported yet')
  const to = join(into, basename(from))
  if (!replace && (await stat(to).catch(() => undefined))) throw new ConflictError(`${to}: already exists`)
  await makeFolder(to)
  for (const name of names) await cp(join(from, name), join(to, name), { recursive: true })
  return to
}
