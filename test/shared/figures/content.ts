// Images that are known by their sizes and tokens alone, and letters of one width.
import type { Content, ContentImage } from '../../../src/shared/figures/content.ts'
import type { Metrics } from '../../../src/shared/figures/display.ts'

export const METRICS: Metrics = {
  width: (text) => [...text].length * 0.5,
  ink: (text) => ({ left: 0, right: [...text].length * 0.5, top: -0.75, bottom: 0.22 }),
  capitalHeight: 0.66,
  ascent: 0.75,
  descent: 0.22,
}

/** Tokens 0 to 255 in both grids; codes settled in eight masked steps. */
export const IMAGE: ContentImage = {
  width: 64,
  height: 64,
  tokens: {
    discriminative: Int32Array.from({ length: 256 }, (_, i) => i),
    codes: Int32Array.from({ length: 256 }, (_, i) => i),
  },
  steps: { codes: Int32Array.from({ length: 256 }, (_, i) => i % 8) },
  hasInput: false,
}

export const contentOf = (keys: readonly string[], image: Partial<ContentImage> = {}): Content => ({
  images: new Map(keys.map((key) => [key, { ...IMAGE, ...image }])),
  deviations: new Map(),
})
