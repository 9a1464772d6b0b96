// Figures of the workspace as the API uses them, and which files they may show.
import { basename, resolve } from 'node:path'
import { RequestError } from '../../shared/errors.ts'
import { figureImages, panelsOf, parseFigure } from '../../shared/figures/figure.ts'
import { figurePaths } from '../../shared/figures/paths.ts'
import type { WorkspaceFigure } from '../../shared/figures/figures.ts'
import { decodeImage } from '../images/index.ts'
import { figureFolder, findFigures, readFigureText } from './figure-folders.ts'
import { isInside } from './kept-models.ts'

/** An invalid figure is listed with its problem. */
export async function listFigures(workspace: string): Promise<WorkspaceFigure[]> {
  const listed: WorkspaceFigure[] = []
  for (const { id, changed } of await findFigures(workspace)) {
    try {
      const figure = parseFigure((await readFigureText(workspace, id)).text, `${id}/figure.json`)
      const panels = panelsOf(figure).map(({ kind }) => kind)
      const images = [...figureImages(figure).values()]
      const shows = images.filter((ref) => 'run' in ref)
      listed.push({ id, changed, panels, images: images.length, shows })
    } catch (error) {
      listed.push({ id, changed, panels: [], images: 0, shows: [], problem: (error as Error).message })
    }
  }
  return listed
}

/**
 * Text from a page may name files of the workspace, and what the figure.json on disk names already: somebody with
 * this machine wrote that. Throws RequestError for any other, FormatError for text that is not a figure.
 */
export async function checkPaths(workspace: string, id: string, text: string, isNew = false): Promise<void> {
  const folder = figureFolder(workspace, id)
  const outside = (json: string) =>
    figurePaths(parseFigure(json, `${id}/figure.json`)).filter(
      (path) => basename(path) !== path && !isInside(resolve(folder, path), workspace),
    )
  const foreign = outside(text)
  if (foreign.length === 0) return
  let known: readonly string[] = []
  try {
    if (!isNew) known = outside((await readFigureText(workspace, id)).text)
  } catch {
    // An invalid file names no files.
  }
  const unknown = foreign.find((path) => !known.includes(path))
  if (unknown !== undefined)
    throw new RequestError(
      `${unknown}: outside the workspace. Add the picture to the figure, or edit figure.json by hand`,
    )
}

/** Throws FormatError for a file that is not a picture. */
export async function checkPicture(name: string, picture: Uint8Array): Promise<void> {
  await decodeImage(picture, name)
}
