// A laid-out figure -> what can be clicked in it, and the sections that this opens: one for each image, for each group of
// images (a mean), and for each panel without images.
import type { DisplayList, ImageItem } from '../../../shared/figures/display.ts'
import { panelImages, panelsOf, type Figure } from '../../../shared/figures/figure.ts'
import { refKey } from '../../../shared/figures/image-ref.ts'
import { panelLetter } from '../../../shared/figures/layout.ts'

/** A place of the figure that opens a section; lengths in points. */
export interface Link {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** `(a) cell 3`. */
  readonly label: string
  /** Id of the section. */
  readonly section: string
}

export interface Section {
  /** In the address of the page: `a-3`, the third cell of panel (a). */
  readonly id: string
  readonly kind: 'image' | 'group' | 'panel'
  /** By `refKey`: one for an image, several for a group. */
  readonly images: readonly string[]
  /** Index of the panel in which it appears first. */
  readonly panel: number
  /** Ids of the sections beside it, in the order of the figure. */
  readonly before?: string
  readonly after?: string
  /** Labels of all links that open it. */
  readonly shown: readonly string[]
}

export function sectionsOf(
  figure: Figure,
  list: DisplayList,
): { links: readonly Link[]; sections: readonly Section[] } {
  const sections = new Map<string, Section>()
  const links: Link[] = []
  const add = (name: string, section: Omit<Section, 'shown'>, label?: string): string => {
    const known = sections.get(name) ?? { ...section, shown: [] }
    sections.set(name, { ...known, shown: [...known.shown, ...(label === undefined ? [] : [label])] })
    return known.id
  }
  const panels = panelsOf(figure)
  panels.forEach((panel, p) => {
    const letter = panelLetter(p).replace(/[()]/g, '')
    const { x, y, width, height, first, end } = list.panels[p]!
    const cells = list.items.slice(first, end).filter((item): item is ImageItem => item.kind === 'image')
    if (panelImages(panel).length === 0) {
      const label = `(${letter}) ${panel.kind}`
      const section = add(`panel ${p}`, { id: letter, kind: 'panel', images: [], panel: p }, label)
      links.push({ x, y, width, height, label, section })
      return
    }
    for (const item of cells) {
      if (item.cell === undefined) continue
      const images = imagesOf(item)
      const id = `${letter}-${item.cell + 1}`
      const kind = images.length > 1 ? 'group' : 'image'
      const label = `(${letter}) cell ${item.cell + 1}`
      const section = add(images.join('\n'), { id, kind, images, panel: p }, label)
      links.push({ x: item.x, y: item.y, width: item.width, height: item.height, label, section })
    }
    // Images that are shown only as a part of others: before an edit, or in a mean.
    panelImages(panel).forEach((ref, i) => {
      const key = refKey(ref)
      if (!sections.has(key))
        add(key, { id: `${letter}-of-${i + 1}`, kind: 'image', images: [key], panel: p })
    })
  })
  const all = [...sections.values()]
  return {
    links,
    sections: all.map((section, i) => ({
      ...section,
      ...(i > 0 ? { before: all[i - 1]!.id } : {}),
      ...(i + 1 < all.length ? { after: all[i + 1]!.id } : {}),
    })),
  }
}

/** The image that a cell shows; of a difference, the edited one; of a mean, all. */
function imagesOf({ source }: ImageItem): readonly string[] {
  switch (source.of) {
    case 'image':
    case 'input':
    case 'tokens':
    case 'faded':
      return [source.image]
    case 'difference':
      return [source.after]
    case 'mean':
    case 'deviation':
      return source.images
    case 'scale':
      return []
  }
}
