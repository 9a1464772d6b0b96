// Public parts of images: files to pixels, pixels to files, the networks' input size, contact sheets.
export { codecVersion, decodeImage, encodePng, lookAtImage, type ImageSize } from './codec.ts'
export { fillPolygons, flattened, type Point } from './coverage.ts'
export { fontTable, trueType, type Font, type Glyph } from './font.ts'
export { imageGrid, type GridLabels, type GridOptions } from './grid.ts'
export { checkPng, pngWithText, readPngText } from './png-text.ts'
export { CROP_DRAWS, randomResizedCrop } from './random-crop.ts'
export { cropAndFlip, preprocess, resizeBicubic } from './resize.ts'
export { MAX_IMAGE_PIXELS, partOf, type RgbImage } from './rgb-image.ts'
