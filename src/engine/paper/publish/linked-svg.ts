// A laid-out figure -> SVG for a page: images in files of their own, and a link over each place that can be clicked.
import { join } from 'node:path'
import type { ImageItem } from '../../../shared/figures/display.ts'
import { number, svgText } from '../../../shared/figures/svg.ts'
import { escaped } from '../../../shared/text/markup.ts'
import { writeFileAtomic } from '../../bytes/index.ts'
import { paintAt } from '../../figures/index.ts'
import { encodePng } from '../../images/index.ts'
import type { FigureCallbacks, LaidOutFigure } from '../figure.ts'
import type { Link } from './sections.ts'

/** Writes the images to `panels`. */
export async function linkedSvg(
  { figure, list, images }: LaidOutFigure,
  links: readonly Link[],
  folder: string,
  { progress, signal }: FigureCallbacks,
): Promise<string> {
  let drawn = 0
  const of = list.items.filter(({ kind }) => kind === 'image').length
  const href = async (item: ImageItem): Promise<string> => {
    signal.throwIfAborted()
    progress(drawn, Math.max(1, of), 'drawing the panels')
    const file = `panels/${String(drawn++).padStart(3, '0')}.png`
    await writeFileAtomic(
      join(folder, file),
      await encodePng(await paintAt(item, figure.dpi, figure.enlarge, images.files)),
    )
    return file
  }
  const parts: string[] = []
  for await (const part of svgText(list, figure.font.family, href)) parts.push(part)
  // In a page there is no XML declaration.
  return [...parts.slice(1, -1), ...links.map(linkText), parts.at(-1)!].join('')
}

const linkText = ({ x, y, width, height, label, section }: Link): string =>
  `<a href="#${escaped(section)}" aria-label="${escaped(label)}"><rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"/></a>\n`
