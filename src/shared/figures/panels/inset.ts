// A region of an image, framed in place and enlarged in a corner.
import { RequestError } from '../../errors.ts'
import { paletteColour } from '../colour.ts'
import type { DisplayItem, PictureSource } from '../display.ts'
import type { Region } from '../image-ref.ts'
import type { PanelOf } from '../panels.ts'

type Inset = NonNullable<PanelOf<'grid'>['insets']>[number]

/**
 * Frame, enlargement and its own frame, over an image of w x h points that shows the part `whole` of its
 * pixels.
 * @throws RequestError if the region is outside the visible part
 */
export function insetItems(
  { region, corner, size: share }: Inset,
  source: PictureSource,
  whole: Region,
  w: number,
  h: number,
  size: number,
  name: string,
): readonly DisplayItem[] {
  const { x, y, width, height } = region
  const outside =
    x < whole.x || y < whole.y || x + width > whole.x + whole.width || y + height > whole.y + whole.height
  if (outside)
    throw new RequestError(`inset ${width} x ${height} at (${x}, ${y}): outside the visible part of ${name}`)
  const scale = w / whole.width
  const [iw, ih] = [w * share, (w * share * height) / width]
  if (ih > h) throw new RequestError(`inset of ${name}: higher than the image; reduce its size`)
  const left = corner.endsWith('left') ? 0 : w - iw
  const top = corner.startsWith('top') ? 0 : h - ih
  const frame = { kind: 'rect', stroke: paletteColour(1), lineWidth: 0.1 * size } as const
  return [
    {
      ...frame,
      x: (x - whole.x) * scale,
      y: (y - whole.y) * scale,
      width: width * scale,
      height: height * scale,
    },
    { kind: 'image', x: left, y: top, width: iw, height: ih, source, crop: region },
    { ...frame, x: left, y: top, width: iw, height: ih },
  ]
}
