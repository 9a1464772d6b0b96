// Public parts of figures: fonts, and the three writers.
export { openFonts, type FontSet } from './fonts.ts'
export { imageMoments, paintAt, type PictureFiles } from './paint.ts'
export { pdfBytes } from './pdf.ts'
export { pngBytes } from './png.ts'
export { webFont } from './subset.ts'
