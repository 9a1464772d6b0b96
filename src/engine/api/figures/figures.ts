// The part of the contract for figures of the workspace: stored, laid out and shown.
import { join } from 'node:path'
import { parseFigure } from '../../../shared/figures/figure.ts'
import type { FigureApi } from '../../../shared/figures/figures.ts'
import type { ColourSource } from '../../paper/figure-colours.ts'
import { figureThumbnail, openPreviews } from '../../paper/figure-preview.ts'
import {
  addPicture,
  copyFigure,
  createFigure,
  figureFolder,
  readFigureText,
  renameFigure,
  saveFigureText,
  trashFigure,
  untrashFigure,
} from '../../workspace/figure-folders.ts'
import { checkPaths, checkPicture, listFigures } from '../../workspace/figures.ts'
import { withoutFolders } from '../folders.ts'

/** Wide enough for a sharp card in the list. */
const THUMBNAIL_WIDTH = 560

export function figureCalls(workspace: string, colours: ColourSource): FigureApi {
  const previews = openPreviews(colours)
  const placesOf = (id: string) => ({ folder: figureFolder(workspace, id), workspace })
  const folders = (id: string) => [join(workspace, 'runs'), figureFolder(workspace, id), workspace]

  /** Errors contain paths relative to the workspace. */
  const told = async <T>(id: string, work: Promise<T>): Promise<T> =>
    work.catch((error: Error) => {
      error.message = withoutFolders(error.message, folders(id))
      throw error
    })
  /** A figure from a page must be complete and valid. */
  const checked = async (id: string, text: string, isNew = false) => {
    parseFigure(text, `${id}/figure.json`)
    await checkPaths(workspace, id, text, isNew)
  }
  return {
    listFigures: () => listFigures(workspace),
    readFigure: (id) => readFigureText(workspace, id),
    async createFigure(name, text) {
      await checked(name, text, true)
      return createFigure(workspace, name, text)
    },
    async saveFigure(id, text, revision) {
      await checked(id, text)
      return told(id, saveFigureText(workspace, id, text, revision))
    },
    copyFigure: (id) => copyFigure(workspace, id),
    renameFigure: (id, name) => renameFigure(workspace, id, name),
    removeFigure: (id) => trashFigure(workspace, id),
    restoreFigure: (id) => untrashFigure(workspace, id),
    async previewFigure(id, text) {
      try {
        await checked(id, text)
      } catch (error) {
        return { problem: (error as Error).message }
      }
      const found = await previews.layOut(text, id, placesOf(id))
      return 'problem' in found ? { ...found, problem: withoutFolders(found.problem, folders(id)) } : found
    },
    paintFigure: previews.paint,
    async readFigureThumbnail(id) {
      const { text } = await readFigureText(workspace, id)
      return told(id, figureThumbnail(text, id, placesOf(id), THUMBNAIL_WIDTH, colours))
    },
    async addFigurePicture(id, name, picture) {
      await checkPicture(name, picture)
      return told(id, addPicture(workspace, id, name, picture))
    },
  }
}
