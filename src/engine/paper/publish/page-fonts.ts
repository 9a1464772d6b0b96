// The fonts of a figure for its page: the letters that it uses, inside the page, so that text is as wide as the layout has it.
import { FACES, type DisplayList } from '../../../shared/figures/display.ts'
import { webFont, type FontSet } from '../../figures/index.ts'

const STYLES = {
  regular: 'font-weight:400',
  bold: 'font-weight:700',
  italic: 'font-weight:400;font-style:italic',
} as const

/** Rules for a style sheet. */
export function fontFaces({ items }: DisplayList, fonts: FontSet): string {
  return FACES.flatMap((name) => {
    const letters = items.flatMap((item) =>
      item.kind === 'text' && item.face === name ? [...item.text] : [],
    )
    if (letters.length === 0) return []
    const face = fonts.face(name)
    const file = webFont(
      face.file,
      letters.map((letter) => face.glyphId(letter)),
    )
    const source = `url(data:font/ttf;base64,${file.toString('base64')}) format('truetype')`
    return [`@font-face{font-family:'${fonts.family}';${STYLES[name]};src:${source}}`]
  }).join('\n')
}
