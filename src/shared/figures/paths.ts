// Every path in a figure: files of images and measurements, folders of runs and atlases.
import { figureImages, panelsOf, type Figure } from './figure.ts'

export function figurePaths(figure: Figure): readonly string[] {
  const images = [...figureImages(figure).values()].map((ref) => ('file' in ref ? ref.file : ref.run))
  const data = panelsOf(figure).flatMap((panel) => {
    if (panel.kind === 'map') return panel.atlas ? [panel.atlas.folder] : []
    if (panel.kind !== 'chart') return []
    return panel.series.flatMap(({ measured }) => measured?.files.map(({ file }) => file) ?? [])
  })
  return [...new Set([...images, ...data])]
}
