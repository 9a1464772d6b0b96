// Figure widths on the page of a paper, and their colours and fonts.
import * as z from 'zod'

/**
 * Widths in cm, as the author kits state them. NeurIPS and ICLR: text of 5.5 x 9 in (neurips.sty, iclr.sty: "5.5
 * inches (33 picas) wide and 9 inches (54 picas) long"). CVPR: text of 6 7/8 x 8 7/8 in, columns of 3 1/4 in with
 * 5/16 in between (author kit 2022 to 2025, "Formatting your paper"; its style sets columns of 3.28 in).
 */
export const PAGE_PRESETS = {
  neurips: { width: 13.97, height: 22.86, words: 'NeurIPS, text' },
  iclr: { width: 13.97, height: 22.86, words: 'ICLR, text' },
  'cvpr-column': { width: 8.255, height: 22.54, words: 'CVPR, one column' },
  'cvpr-text': { width: 17.4625, height: 22.54, words: 'CVPR, both columns' },
} as const
export type PagePreset = keyof typeof PAGE_PRESETS
const PRESET_NAMES = Object.keys(PAGE_PRESETS) as [PagePreset, ...PagePreset[]]

/** Points (1/72 in) of a length in cm. */
export const points = (cm: number): number => (cm * 72) / 2.54

/** Adobe's limit of a page's side, 14,400 points, rounded down. */
const MAX_CM = 500
const length = z.number().min(1).max(MAX_CM)

/** A position in a paper, or a custom width; the height follows from the content. All in cm. */
export const PageSchema = z.union([
  z.strictObject({ preset: z.enum(PRESET_NAMES), share: z.number().min(0.05).max(1).optional() }),
  z.strictObject({ width: length }),
])
export type Page = z.infer<typeof PageSchema>

/**
 * Width in points. `share` is a fraction of the preset's width: 0.5 for a figure half as wide as the text.
 */
export const pageWidth = (page: Page): number =>
  'width' in page ? points(page.width) : points(PAGE_PRESETS[page.preset].width) * (page.share ?? 1)

/**
 * Tinos has the metrics of Times New Roman, Arimo those of Arial: substituting them does not change the
 * layout.
 */
export const FONT_FAMILIES = ['Tinos', 'Arimo', 'DejaVu Sans'] as const
export type FontFamily = (typeof FONT_FAMILIES)[number]

/** Fallback fonts in SVG. */
export const FONT_STACKS: Readonly<Record<FontFamily, string>> = {
  Tinos: "Tinos, 'Times New Roman', 'Liberation Serif', Times, serif",
  Arimo: "Arimo, Arial, 'Liberation Sans', Helvetica, sans-serif",
  'DejaVu Sans': "'DejaVu Sans', Verdana, sans-serif",
}
