// A workspace that several processes edit at the same time, and the edits found in it afterwards.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readClusterLabels } from '../../src/engine/workspace/cluster-labels.ts'
import { readFavourites } from '../../src/engine/workspace/favourites.ts'
import { readFigureText } from '../../src/engine/workspace/figure-folders.ts'
import { readKeptModels } from '../../src/engine/workspace/kept-models.ts'

/** Editable parts of a workspace. */
export const EDITED = ['labels', 'favourites', 'figures', 'choices'] as const
export type Edited = (typeof EDITED)[number]

export const CODEBOOK = { sha256: 'abcdef01'.repeat(8), entries: 2 ** 16 }
export const LABELS = 'km.abcdef01.clusters.json'
export const FIGURE = 'edited'

/** A workspace with a figure. */
export async function openEdited(workspace: string): Promise<void> {
  const folder = join(workspace, 'figures', FIGURE)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'figure.json'), JSON.stringify({ schema: 1, caption: '', rows: [] }))
}

/** All edits in the file, by their names in `editor.ts`. */
export async function editsIn(workspace: string, kind: Edited): Promise<readonly string[]> {
  switch (kind) {
    case 'labels': {
      const place = { path: join(workspace, LABELS), beside: true }
      return (await readClusterLabels(place)).map(({ entry }) => String(entry))
    }
    case 'favourites':
      return (await readFavourites(workspace)).map(({ run, image }) => `${run} ${image}`)
    case 'figures': {
      const { text } = await readFigureText(workspace, FIGURE)
      return (JSON.parse(text) as { caption: string }).caption.trim().split(' ')
    }
    case 'choices':
      return (await readKeptModels(workspace))!.opening.paths
  }
}
